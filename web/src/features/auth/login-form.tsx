import { isEmail } from '@/lib/checks';
import { useForm } from '@/lib/form';
import { useT } from '@/lib/i18n';
import { Button, Form, FormField } from '@/ui';
import { login, useStartSession } from './api';
import { messages } from './messages';

export function LoginForm({ onDone }: { onDone: () => void }) {
  const t = useT(messages);
  const start = useStartSession();
  const form = useForm({
    initial: { email: '', password: '' },
    validate: ({ email, password }) => ({
      ...(isEmail(email) ? {} : { email: t('needEmail') }),
      ...(password === '' ? { password: t('needPassword') } : {}),
    }),
    submit: (values) => login({ ...values, email: values.email.trim() }),
    onSuccess: (session) => {
      start(session);
      onDone();
    },
  });
  return (
    <Form form={form}>
      <FormField
        form={form}
        name="email"
        type="email"
        label={t('email')}
        autoComplete="username"
        autoFocus
      />
      <FormField
        form={form}
        name="password"
        type="password"
        label={t('password')}
        autoComplete="current-password"
      />
      <Button type="submit" variant="primary" loading={form.pending}>
        {t('signIn')}
      </Button>
    </Form>
  );
}
