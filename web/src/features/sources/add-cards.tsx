import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChartColumn, Cloud, Database, FileBox, FolderOpen, Upload } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Source } from '@/api/types';
import { useT } from '@/lib/i18n';
import { ErrorPanel, Spinner } from '@/ui';
import { addMessages } from './add-messages';
import { addSample } from './api';
import { DATABASE_ENGINES, DATABASES } from './databases';
import { PLACES } from './places';

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

/** The ways to a source. */
export function AddCards({ onDone }: { onDone: (source: Source) => void | Promise<void> }) {
  const t = useT(addMessages);
  const sample = useMutation({ mutationFn: addSample, onSuccess: onDone });
  const icon = 'size-5 text-accent';
  return (
    <div className="flex flex-col gap-4">
      <div className="grid gap-3 sm:grid-cols-2">
        <button
          type="button"
          aria-busy={sample.isPending}
          onClick={() => sample.mutate()}
          className={CARD}
        >
          <Inside
            icon={sample.isPending ? <Spinner /> : <ChartColumn aria-hidden className={icon} />}
            title={t('sampleTitle')}
            note={t('sampleNote')}
          />
        </button>
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
    </div>
  );
}
