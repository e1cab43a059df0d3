import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleAlert, CircleCheck, CircleDashed, CircleDot, PlugZap, WifiOff } from 'lucide-react';
import { statusQuery } from '@/api/resources';
import type { ServerStatus } from '@/api/types';
import { cx } from '@/lib/cx';
import { useT } from '@/lib/i18n';
import { Tooltip } from '@/ui';
import { messages } from './messages';
import { statusState, type StatusState } from './state';

const LOOK: Record<StatusState, { icon: typeof CircleDot; tone: string }> = {
  checking: { icon: CircleDashed, tone: 'text-subtle' },
  ready: { icon: CircleCheck, tone: 'text-success' },
  demo: { icon: CircleDot, tone: 'text-accent' },
  partial: { icon: CircleAlert, tone: 'text-warning' },
  noWorker: { icon: PlugZap, tone: 'text-warning' },
  offline: { icon: WifiOff, tone: 'text-danger' },
};

/** Where what is missing can be put right. */
const FIX = {
  checking: '/settings/models',
  ready: '/settings/models',
  demo: '/settings/models',
  partial: '/settings/models',
  noWorker: '/settings/workers',
  offline: '/settings/about',
} as const satisfies Record<StatusState, string>;

function useNote(state: StatusState, status: ServerStatus | undefined): string {
  const t = useT(messages);
  if (state === 'checking') return t('checking');
  if (state !== 'ready') return t(`${state}Note`);
  return t('readyNote', {
    name: status?.model.name ?? '',
    workers: status?.workers.online ?? 0,
  });
}

/** One line at the foot of the rail that says what works, and leads to the fix. */
export function StatusLine({ narrow }: { narrow: boolean }) {
  const t = useT(messages);
  const { data, isError } = useQuery(statusQuery);
  const state = statusState(data, isError);
  const { icon: Icon, tone } = LOOK[state];
  const note = useNote(state, data);
  return (
    <Tooltip label={note} side="right">
      <Link
        to={FIX[state]}
        activeProps={{}}
        aria-label={t('label', { status: t(state) })}
        data-state={state}
        className={cx(
          'flex h-8 items-center gap-2.5 rounded-md px-2.5 text-xs text-muted hover:bg-sunken hover:text-fg pointer-coarse:h-control',
          narrow && 'justify-center px-0!',
        )}
      >
        <Icon aria-hidden className={cx('size-4 shrink-0', tone)} />
        {narrow ? null : <span className="truncate">{t(state)}</span>}
      </Link>
    </Tooltip>
  );
}
