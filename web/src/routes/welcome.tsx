import { useQuery } from '@tanstack/react-query';
import { Link, useLocation, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { errorTitle } from '@/api/client';
import {
  AccountFields,
  EMPTY_ACCOUNT,
  signup,
  useAccountCheck,
  useStartSession,
} from '@/features/auth';
import { addSample, messages, setupQuery, StartCards, type Start } from '@/features/welcome';
import { useForm } from '@/lib/form';
import { useT } from '@/lib/i18n';
import { Button, buttonClass, ErrorPanel, Form, PublicPage, toast } from '@/ui';

/** Where each way to start leads once the account exists. */
function useBegin(): (start: Start) => Promise<void> {
  const t = useT(messages);
  const navigate = useNavigate();
  return async (start) => {
    if (start === 'upload') {
      await navigate({ to: '/sources/new', search: { kind: 'upload' } });
    } else if (start === 'database') {
      await navigate({ to: '/sources/new', search: { kind: 'postgresql' } });
    } else {
      const source = await addSample().catch((error: unknown) => {
        toast({ title: t('sampleFailed'), detail: errorTitle(error), tone: 'danger' });
      });
      if (source) await navigate({ to: '/chats/new', search: { source: source.id } });
      else await navigate({ to: '/sources/new' });
    }
  };
}

function WelcomeForm({ token }: { token: string }) {
  const t = useT(messages);
  const [start, setStart] = useState<Start>('sample');
  const startSession = useStartSession();
  const begin = useBegin();
  const form = useForm({
    initial: EMPTY_ACCOUNT,
    validate: useAccountCheck(),
    submit: ({ name, email, password }) =>
      signup({ name: name.trim(), email: email.trim(), password, setup_token: token }),
    onSuccess: (session) => {
      startSession(session);
      return begin(start);
    },
  });
  return (
    <Form form={form} className="flex flex-col gap-6">
      <StartCards value={start} onChange={setStart} />
      <section className="flex flex-col gap-4">
        <div>
          <h2 className="text-title-sm">{t('account')}</h2>
          <p className="text-xs text-subtle">{t('accountNote')}</p>
        </div>
        <AccountFields form={form} />
      </section>
      <Button type="submit" variant="primary" loading={form.pending}>
        {t('go')}
      </Button>
    </Form>
  );
}

export function WelcomePage() {
  const t = useT(messages);
  const { hash } = useLocation();
  const setup = useQuery(setupQuery);
  // Kept from the first render: signing up changes what /auth/setup answers.
  const [token] = useState(() => new URLSearchParams(hash).get('t') ?? '');

  if (setup.isError) {
    return (
      <PublicPage title={t('title')}>
        <ErrorPanel error={setup.error} onRetry={() => void setup.refetch()} />
      </PublicPage>
    );
  }
  if (setup.data?.needs_setup === false) {
    return (
      <PublicPage title={t('title')} lead={t('setUp')}>
        <Link to="/login" className={buttonClass('primary')}>
          {t('signIn')}
        </Link>
      </PublicPage>
    );
  }
  if (token === '') {
    return (
      <PublicPage title={t('needLink')} lead={t('needLinkBody')}>
        {null}
      </PublicPage>
    );
  }
  return (
    <PublicPage title={t('title')} lead={t('lead')} wide>
      <WelcomeForm token={token} />
    </PublicPage>
  );
}
