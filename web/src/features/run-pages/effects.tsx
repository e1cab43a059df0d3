import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Check, CircleHelp, Clock, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { RunEffect, RunRow } from '@/api/types';
import { formatCount } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Chip, ErrorPanel, SkeletonRows, Time, type Tone } from '@/ui';
import { effectsOptions, isActive } from './api';
import { effectMessages } from './effect-messages';
import { Fact, Facts } from './facts';
import { Code } from './value-view';

const LOOKS: Record<RunEffect['state'], { tone: Tone; icon: ReactNode }> = {
  intended: { tone: 'neutral', icon: <Clock aria-hidden /> },
  done: { tone: 'success', icon: <Check aria-hidden /> },
  not_done: { tone: 'neutral', icon: <X aria-hidden /> },
  unknown: { tone: 'danger', icon: <CircleHelp aria-hidden /> },
};

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** The statement as it ran, or as it was to run; the line of a request. */
function whatOf({ kind, detail, outcome }: RunEffect): string {
  if (kind === 'http') return `${text(detail.method) ?? ''} ${text(detail.url) ?? ''}`.trim();
  return text(outcome?.sql) ?? text(detail.sql) ?? '';
}

function useTitle({ kind, detail, outcome }: RunEffect): string {
  const t = useT(effectMessages);
  if (kind === 'http') return t('request', { method: text(detail.method) ?? '' });
  const verb = text(outcome?.verb);
  const table = text(outcome?.table);
  return verb && table ? t('onTable', { verb, table }) : t('statement');
}

interface EntryProps {
  run: RunRow;
  effect: RunEffect;
}

function AllowedBy({ run, effect }: EntryProps) {
  const t = useT(effectMessages);
  const by = effect.allowed_by;
  if (by === null) return t('byPolicy');
  const words = t(by.kind === 'request' ? 'byRequest' : 'byRule', {
    name: by.by,
    number: by.number,
  });
  const look = 'text-accent hover:underline';
  if (by.kind === 'request')
    return (
      <Link to="/inbox/$request" params={{ request: by.id }} className={look}>
        {words}
      </Link>
    );
  if (!run.agent) return words;
  return (
    <Link
      to="/agents/$agent"
      params={{ agent: run.agent.id }}
      search={{ tab: 'rules' }}
      className={look}
    >
      {words}
    </Link>
  );
}

function EffectFacts({ run, effect }: EntryProps) {
  const t = useT(effectMessages);
  const { rows, status } = { ...effect.detail, ...effect.outcome } as Record<string, unknown>;
  const source = run.sources.find(({ id }) => id === effect.source_id);
  return (
    <Facts>
      {source ? <Fact label={t('source')}>{source.name}</Fact> : null}
      {typeof rows === 'number' ? <Fact label={t('rows')}>{formatCount(rows)}</Fact> : null}
      {typeof status === 'number' ? <Fact label={t('answer')}>{`HTTP ${status}`}</Fact> : null}
      <Fact label={t('at')}>
        <Time iso={effect.settled_at ?? effect.created_at} style="clock" />
      </Fact>
      <Fact label={t('allowed')}>
        <AllowedBy run={run} effect={effect} />
      </Fact>
      {effect.note ? <Fact label={t('note')}>{effect.note}</Fact> : null}
    </Facts>
  );
}

function Entry({ run, effect }: EntryProps) {
  const t = useT(effectMessages);
  return (
    <li className="flex min-w-0 flex-col gap-2 border-b border-line py-3 first:pt-0 last:border-0">
      <p className="flex flex-wrap items-center gap-2 text-sm font-strong">
        {useTitle(effect)}
        <Chip {...LOOKS[effect.state]}>{t(`state_${effect.state}`)}</Chip>
      </p>
      {effect.state === 'unknown' ? (
        <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-sm text-danger">
          {t('unknown')}
        </p>
      ) : null}
      <Code text={whatOf(effect)} />
      <EffectFacts run={run} effect={effect} />
    </li>
  );
}

interface EffectsProps {
  run: RunRow;
  /** Only the effects of this call, where one is selected. */
  call: string | null | undefined;
}

/** What a run changed outside of the platform: each call once, how it ended, who allowed it. */
export function Effects({ run, call }: EffectsProps) {
  const t = useT(effectMessages);
  const found = useQuery(effectsOptions(run.id, isActive(run)));
  if (found.error) return <ErrorPanel error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return <SkeletonRows rows={3} label={t('loading')} />;
  const shown = call ? found.data.filter(({ tool_call_id: id }) => id === call) : found.data;
  if (shown.length === 0) return <p className="text-sm text-muted">{t('none')}</p>;
  return (
    <ol aria-label={t('changes')} className="flex min-w-0 flex-col">
      {shown.map((effect) => (
        <Entry key={effect.id} run={run} effect={effect} />
      ))}
    </ol>
  );
}

/** Said on the summary too: nobody should have to look for it. */
export function UnknownEffects({ run }: { run: RunRow }) {
  const t = useT(effectMessages);
  const found = useQuery(effectsOptions(run.id, isActive(run))).data ?? [];
  const count = found.filter(({ state }) => state === 'unknown').length;
  if (count === 0) return null;
  return (
    <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-sm text-danger">
      {t('unknownCount', { count })}
    </p>
  );
}
