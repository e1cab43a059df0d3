import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { JoinForm, messages } from '@/features/auth';
import { useT } from '@/lib/i18n';
import { PublicPage } from '@/ui';

const route = getRouteApi('/invite/$token');

export function InvitePage() {
  const t = useT(messages);
  const navigate = useNavigate();
  const { token } = route.useParams();
  const foot = (
    <>
      {t('haveAccount')}{' '}
      <Link to="/login" className="text-accent underline">
        {t('signIn')}
      </Link>
    </>
  );
  return (
    <PublicPage title={t('inviteTitle')} lead={t('inviteLead')} foot={foot}>
      <JoinForm token={token} onDone={() => void navigate({ to: '/' })} />
    </PublicPage>
  );
}
