import { useQuery } from '@tanstack/react-query';
import { Play, RotateCcw } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { catalogQuery, sourcesQuery } from '@/api/resources';
import type { QueryVersion } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Button } from '@/ui';
import { PlainCode } from '@/ui/code/plain-code';
import { messages } from './messages';

const SqlEditor = lazy(() => import('./sql-editor'));

interface SqlTabProps {
  version: QueryVersion;
  draft: string;
  edited: boolean;
  running: boolean;
  onChange: (sql: string) => void;
  onReset: () => void;
  onRun: (sql: string) => void;
}

/** The SQL as it ran, editable; running an edit makes the next version. */
export function SqlTab(props: SqlTabProps) {
  const { version, draft, edited, running, onChange, onReset, onRun } = props;
  const t = useT(messages);
  const catalog = useQuery(catalogQuery(version.source_id));
  const sources = useQuery(sourcesQuery);
  const source = sources.data?.data.find(({ id }) => id === version.source_id);
  const errorAt = edited ? null : version.error?.position;
  return (
    <div>
      <Suspense fallback={<PlainCode text={draft} />}>
        <SqlEditor
          value={draft}
          onChange={onChange}
          onRun={onRun}
          label={t('editor', { handle: version.handle })}
          hint={t('editorHint')}
          catalog={catalog.data}
          engine={source?.engine}
          errorAt={errorAt ?? null}
        />
      </Suspense>
      <div className="flex flex-wrap items-center gap-2 border-t border-line px-3 py-2">
        <Button
          size="sm"
          variant={edited ? 'primary' : 'secondary'}
          icon={<Play aria-hidden className="size-3.5" />}
          loading={running}
          disabled={draft.trim() === ''}
          onClick={() => onRun(draft)}
        >
          {t('run')}
        </Button>
        {edited && (
          <Button
            size="sm"
            variant="ghost"
            icon={<RotateCcw aria-hidden className="size-3.5" />}
            onClick={onReset}
          >
            {t('reset')}
          </Button>
        )}
        <span className="text-xs text-subtle">{t('editorHint')}</span>
      </div>
    </div>
  );
}
