import type { Part } from '@/api/parts';
import type { Translate } from '@/lib/i18n';
import type { RunView } from './fold';
import type { messages } from './messages';

type T = Translate<keyof (typeof messages)['en']>;

const count = (parts: readonly Part[], type: Part['type']) =>
  new Set(parts.flatMap((part) => (part.type === type && 'id' in part ? [part.id] : []))).size;

/** What a screen reader is told about a run: stages and the end, never the text as it comes. */
export function announcement({ phase, parts, failure }: RunView, t: T): string {
  if (phase === 'finished')
    return t('sayReady', {
      tables: count(parts, 'data-query'),
      charts: count(parts, 'data-chart'),
    });
  if (phase === 'failed') return t('sayFailed', { reason: failure?.text ?? '' });
  if (phase === 'stopped') return t('sayStopped');
  if (phase === 'pending') return '';
  const stage = parts.findLast((part) => part.type === 'data-stage')?.data;
  return stage
    ? t('sayWorking', { stage: stage.label || t(`stage_${stage.stage}`) })
    : t('working');
}
