import type { ReactNode } from 'react';
import type { Citation } from '@/api/parts';
import type { Chart } from '@/api/types';
import { useT } from '@/lib/i18n';
import { cardMessages } from './card-messages';

/** Draws a text with buttons for its figures; a slot, because receipts belong to chats. */
export type RenderText = (text: string, cites: readonly Citation[]) => ReactNode;

interface FigureTextsProps {
  chart: Chart;
  renderText: RenderText | undefined;
}

/** The words of a chart that hold figures, each figure with its receipt. */
export function FigureTexts({ chart, renderText }: FigureTextsProps) {
  const t = useT(cardMessages);
  const shown = chart.figures.filter(({ cites }) => cites.some(({ kind }) => kind !== 'asked'));
  if (!renderText || shown.length === 0) return null;
  return (
    <div
      role="group"
      aria-label={t('figures')}
      className="px-4 pt-2 text-sm [&_.cite]:inline-block [&_.cite]:py-0.5 [&_.markdown]:text-sm"
    >
      {shown.map(({ path, text, cites }) => (
        <div key={path} className="flex flex-wrap items-baseline gap-x-1">
          {path.endsWith('datum') && <span className="text-subtle">{t('annotation')}</span>}
          {renderText(text, cites)}
        </div>
      ))}
    </div>
  );
}
