import type { WebhookMade } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Button, CopyButton, Dialog } from '@/ui';
import { messages } from './messages';

export function SecretDialog({ made, onClose }: { made: WebhookMade; onClose: () => void }) {
  const t = useT(messages);
  return (
    <Dialog
      open
      title={t('secretTitle')}
      description={t('secretLead')}
      onClose={onClose}
      footer={
        <Button variant="primary" onClick={onClose}>
          {t('done')}
        </Button>
      }
    >
      <div className="flex items-center justify-between gap-2">
        <p className="text-sm font-strong break-words">{t('secret', { name: made.name })}</p>
        <CopyButton compact text={made.secret} label={t('secret', { name: made.name })} />
      </div>
      <code className="mt-1 block rounded-sm border border-line bg-sunken p-2.5 text-xs break-all">
        {made.secret}
      </code>
    </Dialog>
  );
}
