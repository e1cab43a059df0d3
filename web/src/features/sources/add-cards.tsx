import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChartColumn, Database, FileBox, FolderOpen, Upload } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Source } from '@/api/types';
import { useT } from '@/lib/i18n';
import { ErrorPanel, Spinner } from '@/ui';
import { addMessages } from './add-messages';
import { addSample } from './api';

const CARD =
  'flex h-full flex-col items-start gap-2 rounded-lg border border-line bg-surface p-4 text-left shadow-card hover:border-control';

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
        <Link to="/sources/new" search={{ kind: 'postgresql' }} className={CARD}>
          <Inside
            icon={<Database aria-hidden className={icon} />}
            title={t('pgTitle')}
            note={t('pgNote')}
          />
        </Link>
        <Link to="/sources/new" search={{ kind: 'mysql' }} className={CARD}>
          <Inside
            icon={<Database aria-hidden className={icon} />}
            title={t('mysqlTitle')}
            note={t('mysqlNote')}
          />
        </Link>
        <Link to="/sources/new" search={{ kind: 'sqlite' }} className={CARD}>
          <Inside
            icon={<FileBox aria-hidden className={icon} />}
            title={t('sqliteTitle')}
            note={t('sqliteNote')}
          />
        </Link>
        <Link to="/sources/new" search={{ kind: 'folder' }} className={CARD}>
          <Inside
            icon={<FolderOpen aria-hidden className={icon} />}
            title={t('folderTitle')}
            note={t('folderNote')}
          />
        </Link>
      </div>
      {sample.error ? <ErrorPanel error={sample.error} onRetry={() => sample.mutate()} /> : null}
    </div>
  );
}
