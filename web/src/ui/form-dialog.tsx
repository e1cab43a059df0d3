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
  return (
    <Dialog
      {...dialog}
      open
      dirty={form.dirty}
      footer={
        <>
          <Button onClick={dialog.onClose}>{t('cancel')}</Button>
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
