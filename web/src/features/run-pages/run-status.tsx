import { Ban, Check, CircleAlert, Clock, Hand, Pause } from 'lucide-react';
import type { ReactNode } from 'react';
import type { RunStatus } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Chip, Spinner, type Tone } from '@/ui';
import { messages } from './messages';

const LOOKS: Record<RunStatus, { tone: Tone; icon: ReactNode }> = {
  queued: { tone: 'neutral', icon: <Clock aria-hidden /> },
  running: { tone: 'accent', icon: <Spinner /> },
  waiting: { tone: 'warning', icon: <Hand aria-hidden /> },
  paused: { tone: 'neutral', icon: <Pause aria-hidden /> },
  succeeded: { tone: 'success', icon: <Check aria-hidden /> },
  failed: { tone: 'danger', icon: <CircleAlert aria-hidden /> },
  cancelled: { tone: 'neutral', icon: <Ban aria-hidden /> },
};

export function RunStatusChip({ status }: { status: RunStatus }) {
  const t = useT(messages);
  const { tone, icon } = LOOKS[status];
  return (
    <Chip tone={tone} icon={icon}>
      {t(`status_${status}`)}
    </Chip>
  );
}
