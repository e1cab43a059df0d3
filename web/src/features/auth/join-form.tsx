import { useForm } from '@/lib/form';
import { useT } from '@/lib/i18n';
import { Button, Form } from '@/ui';
import { AccountFields, EMPTY_ACCOUNT, useAccountCheck } from './account-fields';
import { signup, useStartSession } from './api';
import { messages } from './messages';

export function JoinForm({ token, onDone }: { token: string; onDone: () => void }) {
  const t = useT(messages);
  const start = useStartSession();
  const form = useForm({
    initial: EMPTY_ACCOUNT,
    validate: useAccountCheck(),
    submit: ({ name, email, password }) =>
      signup({ name: name.trim(), email: email.trim(), password, invite_token: token }),
    onSuccess: (session) => {
      start(session);
      onDone();
    },
  });
  return (
    <Form form={form}>
      <AccountFields form={form} />
      <Button type="submit" variant="primary" loading={form.pending}>
        {t('join')}
      </Button>
    </Form>
  );
}
