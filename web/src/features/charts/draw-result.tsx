import { useMutation } from '@tanstack/react-query';
import { ChartColumn } from 'lucide-react';
import type { Chart } from '@/api/types';
import type { ChartRef } from '@/api/parts';
import { useT } from '@/lib/i18n';
import { Button, ErrorPanel } from '@/ui';
import { drawChart } from './api';
import { ChartCard } from './chart-card';
import { messages } from './messages';

const referenceOf = (chart: Chart): ChartRef => ({ ...chart, chart_id: chart.id });

/** Draws a result for which nobody has drawn a chart, as its columns suggest. */
export default function DrawResult({ resultId }: { resultId: string }) {
  const t = useT(messages);
  const draw = useMutation({ mutationFn: () => drawChart(resultId) });
  if (draw.data) return <ChartCard bare reference={referenceOf(draw.data)} />;
  return (
    <div className="flex flex-col items-center gap-3 p-6">
      {draw.error && <ErrorPanel error={draw.error} title={t('cannotChoose')} />}
      <Button
        icon={<ChartColumn aria-hidden className="size-3.5" />}
        disabled={draw.isPending}
        onClick={() => draw.mutate()}
      >
        {t('drawThis')}
      </Button>
    </div>
  );
}
