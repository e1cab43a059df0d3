import { useId } from 'react';
import type { Form as FormState, Values } from '@/lib/form';
import { useT } from '@/lib/i18n';
import { Button } from './button';
import { Dialog, type DialogProps } from './dialog';
import { Form } from './form';
import { LeaveGuard } from './leave-guard';
import { messages } from './messages';

export interface FormDialogProps<V extends Values> extends Omit<
  DialogProps,
  'open' | 'dirty' | 'footer'
> {
  form: FormState<V>;
  /** What the button that submits says. */
  submit: string;
  /** The answer holds a secret that is shown once: the dialog stays until it has come. */
  secret?: boolean;
}

/** A dialog that is one form: it asks before what was typed is lost. */
export function FormDialog<V extends Values>(props: FormDialogProps<V>) {
  const { form, submit, secret = false, children, ...dialog } = props;
  const t = useT(messages);
  const id = useId();
  const held = secret && form.pending;
  const close = () => {
    if (!held) dialog.onClose();
  };
  return (
    <Dialog
      {...dialog}
      onClose={close}
      open
      dirty={form.dirty && !held}
      footer={
        <>
          <Button onClick={close} disabled={held}>
            {t('cancel')}
          </Button>
          <Button type="submit" form={id} variant="primary" loading={form.pending}>
            {submit}
          </Button>
        </>
      }
    >
      <LeaveGuard when={form.dirty && !form.pending} />
      <Form form={form} id={id}>
        {children}
      </Form>
    </Dialog>
  );
}
