import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import {
  ChartColumn,
  Cloud,
  Database,
  FileBox,
  FolderOpen,
  PencilLine,
  Upload,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { agentsQuery, useCan } from '@/api/resources';
import type { Source } from '@/api/types';
import { useT } from '@/lib/i18n';
import { ErrorPanel, Spinner } from '@/ui';
import { addMessages } from './add-messages';
import { addPractice, addSample } from './api';
import { DATABASE_ENGINES, DATABASES } from './databases';
import { PLACES } from './places';
import { writeMessages } from './write-messages';

const CARD =
  'flex h-full flex-col items-start gap-2 rounded-lg border border-line bg-surface p-4 text-left shadow-card hover:border-control';

const PLACE_KINDS = [
  ['sqlite', FileBox],
  ['folder', FolderOpen],
  ['objects', Cloud],
] as const;

function Inside({ icon, title, note }: { icon: ReactNode; title: string; note: string }) {
  return (
    <>
      {icon}
      <span className="text-sm font-strong">{title}</span>
      <span className="text-xs text-muted">{note}</span>
    </>
  );
}

interface AddCardsProps {
  /** With the agent to ask first, where the source is made for one. */
  onDone: (source: Source, agent?: string) => void | Promise<void>;
}

interface ClickProps {
  busy: boolean;
  icon: ReactNode;
  title: string;
  note: string;
  onClick: () => void;
}

/** A source that needs nothing but a click. */
function Click({ busy, icon, title, note, onClick }: ClickProps) {
  return (
    <button type="button" aria-busy={busy} onClick={onClick} className={CARD}>
      <Inside icon={busy ? <Spinner /> : icon} title={title} note={note} />
    </button>
  );
}

/** The ways to a source. */
export function AddCards({ onDone }: AddCardsProps) {
  const t = useT(addMessages);
  const writes = useT(writeMessages);
  const mayAllow = useCan()('write_connection:manage');
  const agents = useQuery({ ...agentsQuery, enabled: mayAllow }).data?.data;
  const steward = agents?.find(({ slug }) => slug === 'steward')?.id;
  const sample = useMutation({ mutationFn: addSample, onSuccess: (source) => onDone(source) });
  const practice = useMutation({
    mutationFn: addPractice,
    onSuccess: (source) => onDone(source, steward),
  });
  const icon = 'size-5 text-accent';
  return (
    <div className="flex flex-col gap-4">
      <div className="grid gap-3 sm:grid-cols-2">
        <Click
          busy={sample.isPending}
          icon={<ChartColumn aria-hidden className={icon} />}
          title={t('sampleTitle')}
          note={t('sampleNote')}
          onClick={() => sample.mutate()}
        />
        {mayAllow ? (
          <Click
            busy={practice.isPending}
            icon={<PencilLine aria-hidden className={icon} />}
            title={writes('practiceTitle')}
            note={writes('practiceNote')}
            onClick={() => practice.mutate()}
          />
        ) : null}
        <Link to="/sources/new" search={{ kind: 'upload' }} className={CARD}>
          <Inside
            icon={<Upload aria-hidden className={icon} />}
            title={t('uploadTitle')}
            note={t('uploadNote')}
          />
        </Link>
        {DATABASE_ENGINES.map((engine) => (
          <Link key={engine} to="/sources/new" search={{ kind: engine }} className={CARD}>
            <Inside
              icon={<Database aria-hidden className={icon} />}
              title={t(DATABASES[engine].title)}
              note={t(DATABASES[engine].note)}
            />
          </Link>
        ))}
        {PLACE_KINDS.map(([kind, Icon]) => (
          <Link key={kind} to="/sources/new" search={{ kind }} className={CARD}>
            <Inside
              icon={<Icon aria-hidden className={icon} />}
              title={t(PLACES[kind].title)}
              note={t(PLACES[kind].note)}
            />
          </Link>
        ))}
      </div>
      {sample.error ? <ErrorPanel error={sample.error} onRetry={() => sample.mutate()} /> : null}
      {practice.error ? (
        <ErrorPanel error={practice.error} onRetry={() => practice.mutate()} />
      ) : null}
    </div>
  );
}
