import { CircleAlert, CircleCheck } from 'lucide-react';
import type { Part } from '@/api/parts';
import { useT } from '@/lib/i18n';
import { Chip } from '@/ui';
import { messages } from './messages';

/** How many of an answer's figures have a receipt. */
export function TraceChip({ parts }: { parts: readonly Part[] }) {
  const t = useT(messages);
  const numbers = parts.findLast((part) => part.type === 'data-numbers');
  if (numbers?.type !== 'data-numbers' || numbers.data.total === 0) return null;
  const { traced, total } = numbers.data;
  const clean = traced === total;
  return (
    <span data-testid="trace-chip" data-state={clean ? 'traced' : 'untraced'}>
      <Chip
        tone={clean ? 'neutral' : 'warning'}
        icon={clean ? <CircleCheck aria-hidden /> : <CircleAlert aria-hidden />}
        title={t('traceNote')}
      >
        {clean ? t('traced', { traced, total }) : t('untraced', { count: total - traced })}
      </Chip>
    </span>
  );
}
