import { useQuery } from '@tanstack/react-query';
import { CircleCheck, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { WorkerJoin } from '@/api/types';
import { useForm } from '@/lib/form';
import { useT } from '@/lib/i18n';
import { CopyButton, DoneDialog, FormDialog, FormField, Spinner } from '@/ui';
import { createJoin, workersQuery } from './api';
import { messages } from './messages';

const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_ .@-]*$/u;

/** Whether the worker of this very command is there: it was made after the command. */
function useArrived({ name, expires_at: expires }: WorkerJoin) {
  const { data, dataUpdatedAt } = useQuery(workersQuery);
  const [known] = useState(() => new Set(data?.map((worker) => worker.id)));
  const arrived = data?.some(
    (worker) => worker.name === name && worker.state === 'online' && !known.has(worker.id),
  );
  return { arrived: arrived === true, expired: dataUpdatedAt > Date.parse(expires) };
}

function Progress({ made }: { made: WorkerJoin }) {
  const t = useT(messages);
  const { arrived, expired } = useArrived(made);
  return (
    <p role="status" className="flex items-center gap-2 text-sm">
      {arrived ? (
        <>
          <CircleCheck aria-hidden className="size-4 shrink-0 text-success" />
          {t('arrived', { name: made.name })}
        </>
      ) : null}
      {!arrived && expired ? t('expired') : null}
      {!arrived && !expired ? (
        <>
          <Spinner />
          <span className="text-muted">{t('waiting', { name: made.name })}</span>
        </>
      ) : null}
    </p>
  );
}

function Command({ made, onClose }: { made: WorkerJoin; onClose: () => void }) {
  const t = useT(messages);
  return (
    <DoneDialog title={t('commandTitle')} description={t('commandLead')} onClose={onClose}>
      <div className="flex flex-col gap-4">
        <div className="flex items-start gap-2 rounded-sm border border-line bg-sunken py-1 pr-1 pl-2.5">
          <code className="min-w-0 flex-1 py-1 text-xs break-all">{made.command}</code>
          <CopyButton compact text={made.command} label={t('command')} />
        </div>
        {made.loopback_only ? (
          <p className="flex gap-2 text-sm text-warning">
            <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
            {t('loopback')}
          </p>
        ) : (
          <p className="text-sm text-muted">{t('needs', { server: made.server })}</p>
        )}
        <Progress made={made} />
      </div>
    </DoneDialog>
  );
}

/** A name, then the one command to copy, then watching the worker appear. */
export function AddWorker({ onClose }: { onClose: () => void }) {
  const t = useT(messages);
  const [made, setMade] = useState<WorkerJoin | null>(null);
  const form = useForm({
    initial: { name: 'worker' },
    validate: ({ name }) => (NAME.test(name.trim()) ? {} : { name: t('nameWrong') }),
    submit: ({ name }) => createJoin(name.trim()),
    onSuccess: setMade,
  });
  if (made) return <Command made={made} onClose={onClose} />;
  return (
    <FormDialog secret form={form} title={t('add')} submit={t('makeCommand')} onClose={onClose}>
      <FormField form={form} name="name" label={t('name')} help={t('nameHelp')} autoFocus />
    </FormDialog>
  );
}
