import { useBlocker } from '@tanstack/react-router';
import { useT } from '@/lib/i18n';
import { Button } from './button';
import { Dialog } from './dialog';
import { messages } from './messages';

/** Asks before what was typed is lost by going to another page or closing the tab. */
export function LeaveGuard({ when }: { when: boolean }) {
  const t = useT(messages);
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: () => when,
    enableBeforeUnload: () => when,
    withResolver: true,
  });
  return (
    <Dialog
      open={status === 'blocked'}
      onClose={() => reset?.()}
      title={t('leaveTitle')}
      size="sm"
      footer={
        <>
          <Button onClick={() => reset?.()}>{t('leaveStay')}</Button>
          <Button variant="danger" onClick={() => proceed?.()}>
            {t('leaveGo')}
          </Button>
        </>
      }
    >
      <p className="text-sm text-muted">{t('leaveBody')}</p>
    </Dialog>
  );
}
