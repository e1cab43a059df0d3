import { CircleAlert, CircleCheck } from 'lucide-react';
import type { Chart } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Chip } from '@/ui';
import { messages } from './messages';

/** How many of a chart's figures have a receipt. */
export function FigureChip({ chart }: { chart: Chart }) {
  const t = useT(messages);
  const kinds = chart.figures.flatMap(({ cites }) => cites.map(({ kind }) => kind));
  const total = kinds.filter((kind) => kind !== 'asked').length;
  const untraced = kinds.filter((kind) => kind === 'untraced').length;
  if (total === 0) return null;
  const clean = untraced === 0;
  return (
    <span data-testid="chart-trace" data-state={clean ? 'traced' : 'untraced'}>
      <Chip
        tone={clean ? 'neutral' : 'warning'}
        icon={clean ? <CircleCheck aria-hidden /> : <CircleAlert aria-hidden />}
      >
        {clean ? t('traced', { count: total }) : t('untraced', { count: untraced })}
      </Chip>
    </span>
  );
}
