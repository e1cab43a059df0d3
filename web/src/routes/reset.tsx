import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { messages, ResetForm } from '@/features/auth';
import { useT } from '@/lib/i18n';
import { PublicPage } from '@/ui';

const route = getRouteApi('/reset/$token');

export function ResetPage() {
  const t = useT(messages);
  const navigate = useNavigate();
  const { token } = route.useParams();
  return (
    <PublicPage title={t('resetTitle')} lead={t('resetLead')}>
      <ResetForm token={token} onDone={() => void navigate({ to: '/' })} />
    </PublicPage>
  );
}
