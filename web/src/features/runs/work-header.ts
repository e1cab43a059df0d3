import { formatCompact, formatDuration, formatMoney } from '@/lib/format';
import type { Translate } from '@/lib/i18n';
import type { messages } from './messages';
import {
  clockText,
  elapsedBetween,
  type WorkInput,
  type WorkState,
  type WorkSummary,
} from './work-log-model';

type T = Translate<keyof (typeof messages)['en']>;

interface HeaderInput {
  input: WorkInput;
  state: WorkState;
  summary: WorkSummary;
  now: number;
  quietMs: number;
}

function running({ input, summary, now }: HeaderInput, t: T): string {
  const stage = summary.stage;
  const label = stage ? stage.label || t(`stage_${stage.stage}`) : t('stage_thinking');
  const since = input.startedAt ? clockText(now - Date.parse(input.startedAt)) : null;
  return [t('working'), label, since].filter(Boolean).join(' · ');
}

function waiting({ summary, now }: HeaderInput, t: T): string {
  const at = summary.stage?.stage === 'waiting' ? summary.stage.at : null;
  const since = at === null ? null : clockText(now - Date.parse(at));
  return [t('stage_waiting'), since].filter(Boolean).join(' · ');
}

function done({ input, summary }: HeaderInput, t: T): string {
  const ms = elapsedBetween(input.startedAt, input.finishedAt);
  const { queries, retries, tokens, cost } = summary;
  return [
    ms === null ? t('workedUnknown') : t('worked', { time: formatDuration(ms) }),
    queries > 0 && t('queries', { count: queries }),
    retries > 0 && t('retries', { count: retries }),
    tokens !== null && t('tokens', { count: formatCompact(tokens) }),
    cost === null ? t('costUnknown') : formatMoney(cost),
  ]
    .filter(Boolean)
    .join(' · ');
}

function stopped({ input }: HeaderInput, t: T): string {
  const ms = elapsedBetween(input.startedAt, input.finishedAt);
  return ms === null ? t('stopped') : t('stoppedAt', { time: clockText(ms) });
}

/** The one line that says how the work stands. */
export function workHeader(header: HeaderInput, t: T): string {
  const { input, summary, quietMs } = header;
  switch (header.state) {
    case 'queued':
      return input.ahead ? t('queuedAhead', { ahead: input.ahead }) : t('queued');
    case 'running':
      return running(header, t);
    case 'waiting':
      return waiting(header, t);
    case 'stale':
      return t('stale', { time: formatDuration(Math.floor(quietMs / 1000) * 1000) });
    case 'done':
      return done(header, t);
    case 'stopped':
      return stopped(header, t);
    case 'failed':
      return summary.steps > 0 ? t('failedAt', { step: summary.steps }) : t('failed');
  }
}
