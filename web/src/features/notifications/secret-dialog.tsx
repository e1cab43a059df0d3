import type { WebhookMade } from '@/api/types';
import { useT } from '@/lib/i18n';
import { CopyButton, DoneDialog } from '@/ui';
import { messages } from './messages';

export function SecretDialog({ made, onClose }: { made: WebhookMade; onClose: () => void }) {
  const t = useT(messages);
  return (
    <DoneDialog title={t('secretTitle')} description={t('secretLead')} onClose={onClose}>
      <div className="flex items-center justify-between gap-2">
        <p className="text-sm font-strong break-words">{t('secret', { name: made.name })}</p>
        <CopyButton compact text={made.secret} label={t('secret', { name: made.name })} />
      </div>
      <code className="mt-1 block rounded-sm border border-line bg-sunken p-2.5 text-xs break-all">
        {made.secret}
      </code>
    </DoneDialog>
  );
}
