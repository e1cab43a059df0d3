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
}

/** A dialog that is one form: it asks before what was typed is lost. */
export function FormDialog<V extends Values>(props: FormDialogProps<V>) {
  const { form, submit, children, ...dialog } = props;
  const t = useT(messages);
  const id = useId();
  // What is on its way cannot be taken back, and may answer with a secret that is shown once.
  const close = () => {
    if (!form.pending) dialog.onClose();
  };
  return (
    <Dialog
      {...dialog}
      onClose={close}
      open
      dirty={form.dirty && !form.pending}
      footer={
        <>
          <Button onClick={close} disabled={form.pending}>
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
