import { isPassword, PASSWORD_MIN } from '@/lib/checks';
import { useForm } from '@/lib/form';
import { useT } from '@/lib/i18n';
import { Button, Form, FormField } from '@/ui';
import { reset, useStartSession } from './api';
import { messages } from './messages';

export function ResetForm({ token, onDone }: { token: string; onDone: () => void }) {
  const t = useT(messages);
  const start = useStartSession();
  const form = useForm({
    initial: { password: '' },
    validate: ({ password }) =>
      isPassword(password) ? {} : { password: t('shortPassword', { min: PASSWORD_MIN }) },
    submit: ({ password }) => reset({ reset_token: token, password }),
    onSuccess: (session) => {
      start(session);
      onDone();
    },
  });
  return (
    <Form form={form}>
      <FormField
        form={form}
        name="password"
        type="password"
        label={t('newPassword')}
        help={t('passwordHelp', { min: PASSWORD_MIN })}
        autoComplete="new-password"
        autoFocus
      />
      <Button type="submit" variant="primary" loading={form.pending}>
        {t('save')}
      </Button>
    </Form>
  );
}
