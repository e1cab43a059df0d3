import { useQueryClient } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, CircleDashed, CircleDot, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Worker } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Chip, Confirm, IconButton, Time, type Tone } from '@/ui';
import { revokeWorker, workersQuery } from './api';
import { HeldSources } from './held-sources';
import { messages } from './messages';

const LOOK = {
  online: { tone: 'success', icon: CircleCheck },
  draining: { tone: 'accent', icon: CircleDot },
  offline: { tone: 'neutral', icon: CircleDashed },
  failing: { tone: 'warning', icon: CircleAlert },
} as const satisfies Record<string, { tone: Tone; icon: typeof CircleDot }>;

function StateChip({ worker }: { worker: Worker }) {
  const t = useT(messages);
  const shown = worker.state === 'online' && worker.health === 'failing' ? 'failing' : worker.state;
  const { tone, icon: Icon } = LOOK[shown];
  return (
    <Chip tone={tone} icon={<Icon aria-hidden />}>
      {t(shown)}
    </Chip>
  );
}

function Facts({ worker }: { worker: Worker }) {
  const t = useT(messages);
  const { host, version, load, slots, engines, state, last_seen_at: seen } = worker;
  const names = engines.map((id) => t('engine', { id })).join(', ');
  return (
    <p className="flex flex-wrap gap-x-4 gap-y-0.5 text-xs text-muted">
      {host ? <span className="break-all">{host}</span> : null}
      {version ? <span className="nums">{t('version', { version })}</span> : null}
      {load == null || slots == null ? null : (
        <span className="nums">{t('busy', { load, slots })}</span>
      )}
      {engines.length > 0 ? <span>{t('engines', { names })}</span> : null}
      {state === 'offline' ? (
        <span>
          {seen ? (
            <>
              {t('seen')} <Time iso={seen} />
            </>
          ) : (
            t('never')
          )}
        </span>
      ) : null}
    </p>
  );
}

function Troubles({ worker }: { worker: Worker }) {
  const t = useT(messages);
  const { last_error: error, last_error_at: at, upgrade } = worker;
  return (
    <>
      {upgrade ? (
        <p className="flex gap-2 text-sm text-warning">
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          {t('outdated', { side: upgrade })}
        </p>
      ) : null}
      {error ? (
        <p className="text-sm text-muted">
          {t('error')}
          {at ? (
            <>
              {' '}
              (<Time iso={at} />)
            </>
          ) : null}
          : <span className="break-words text-fg">{error}</span>
        </p>
      ) : null}
    </>
  );
}

function Revoke({ worker }: { worker: Worker }) {
  const t = useT(messages);
  const queryClient = useQueryClient();
  const [ending, setEnding] = useState(false);
  return (
    <>
      <IconButton
        label={t('revoke', { name: worker.name })}
        icon={<Trash2 aria-hidden className="size-4" />}
        onClick={() => setEnding(true)}
      />
      <Confirm
        open={ending}
        title={t('revokeTitle', { name: worker.name })}
        action={t('revokeAction')}
        onConfirm={async () => {
          await revokeWorker(worker.id);
          await queryClient.invalidateQueries({ queryKey: workersQuery.queryKey });
        }}
        onClose={() => setEnding(false)}
      >
        <p>{t('revokeBody')}</p>
      </Confirm>
    </>
  );
}

export interface WorkerCardProps {
  worker: Worker;
  manage: boolean;
}

export function WorkerCard({ worker, manage }: WorkerCardProps) {
  const t = useT(messages);
  return (
    <li className="flex flex-col gap-3 px-4 py-3.5">
      <div className="flex items-start gap-x-4">
        <div className="flex min-w-0 flex-1 flex-col gap-1">
          <div className="flex flex-wrap items-center gap-2">
            <h2 className="min-w-0 text-md break-words">{worker.name}</h2>
            <StateChip worker={worker} />
            {worker.platform ? <Chip title={t('platformNote')}>{t('platform')}</Chip> : null}
          </div>
          <Facts worker={worker} />
        </div>
        {manage && !worker.platform ? <Revoke worker={worker} /> : null}
      </div>
      <Troubles worker={worker} />
      {worker.sources.length > 0 ? <HeldSources held={worker.sources} /> : null}
    </li>
  );
}
