import { getRouteApi, useRouter } from '@tanstack/react-router';
import { LoginForm, messages } from '@/features/auth';
import { safeNext } from '@/lib/checks';
import { useT } from '@/lib/i18n';
import { PublicPage } from '@/ui';

/** Typed in a terminal, so the same in every language. */
const RESET_COMMAND = 'datelier member reset EMAIL';

const route = getRouteApi('/login');

export function LoginPage() {
  const t = useT(messages);
  const router = useRouter();
  const { next } = route.useSearch();
  const foot = (
    <>
      {t('lost')} <code className="text-fg">{RESET_COMMAND}</code>
    </>
  );
  return (
    <PublicPage title={t('signInTitle')} foot={foot}>
      <LoginForm onDone={() => router.history.push(safeNext(next))} />
    </PublicPage>
  );
}
