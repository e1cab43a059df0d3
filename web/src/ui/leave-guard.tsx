import { useBlocker } from '@tanstack/react-router';
import { useT } from '@/lib/i18n';
import { Button } from './button';
import { Dialog } from './dialog';
import { messages } from './messages';

export interface LeaveGuardProps {
  when: boolean;
  /** What was typed outlives the tabs of the page: only another page is asked about. */
  tabsKeep?: boolean;
}

/** Asks before what was typed is lost by going to another page or closing the tab. */
export function LeaveGuard({ when, tabsKeep = false }: LeaveGuardProps) {
  const t = useT(messages);
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: ({ current, next }) => when && !(tabsKeep && current.pathname === next.pathname),
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
