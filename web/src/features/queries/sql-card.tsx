import { Ban, CircleAlert, CircleCheck, Database } from 'lucide-react';
import { Tabs as Radix } from 'radix-ui';
import { lazy, Suspense, useRef, useState, type ReactNode } from 'react';
import type { QueryVersion } from '@/api/types';
import { formatCount, formatDuration, formatTime } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Button, Chip, ErrorPanel, Spinner, type Tone } from '@/ui';
import { cancelQuery } from './api';
import { CopyMenu, DownloadMenu, VersionMenu } from './card-menus';
import { messages } from './messages';
import { ResultTab } from './result-tab';
import { SqlTab } from './sql-tab';
import { useCellTarget } from './use-cell-target';
import { useQueryCard } from './use-query-card';
import { useResultRows, type ResultRows } from './use-result-rows';
import { useSqlDraft } from './use-sql-draft';

export interface SqlCardProps {
  /** The version the answer uses. */
  version: QueryVersion;
  threadId: string | null;
  /** The charts drawn from this query; a slot, because charts are another feature. */
  chart?: ReactNode;
  /** What else can be done with the version that is looked at. */
  actions?: (version: QueryVersion) => ReactNode;
}

type Tab = 'result' | 'sql' | 'chart' | 'info';

const STATUS: Record<QueryVersion['status'], { tone: Tone; icon: ReactNode }> = {
  running: { tone: 'accent', icon: <Spinner /> },
  done: { tone: 'neutral', icon: <CircleCheck aria-hidden /> },
  failed: { tone: 'danger', icon: <CircleAlert aria-hidden /> },
  cancelled: { tone: 'neutral', icon: <Ban aria-hidden /> },
};

function Header({ version, children }: { version: QueryVersion; children: ReactNode }) {
  const t = useT(messages);
  return (
    <header className="flex min-h-11 flex-wrap items-center gap-x-2 gap-y-1 px-3 py-1.5">
      <span className="nums rounded-sm bg-accent-soft px-1.5 text-xs font-strong text-accent">
        {version.handle}
      </span>
      <h3 className="min-w-0 truncate text-sm">{version.title ?? t('untitled')}</h3>
      <span className="ml-auto inline-flex min-w-0 items-center gap-1 text-xs text-subtle">
        <Database aria-hidden className="size-3 shrink-0" />
        <span className="truncate">{t('readOnly', { source: version.source_name })}</span>
      </span>
      {version.status !== 'done' && (
        <Chip tone={STATUS[version.status].tone} icon={STATUS[version.status].icon}>
          {t(version.status)}
        </Chip>
      )}
      {children}
    </header>
  );
}

function Facts({ version }: { version: QueryVersion }) {
  const t = useT(messages);
  const { status, row_count: count, elapsed_ms: elapsed, author } = version;
  const facts = [
    status === 'done' && t('rows', { count: count ?? 0 }),
    elapsed != null && formatDuration(elapsed),
    t('ranAt', { time: formatTime(version.ran_at) }),
    author.kind === 'user'
      ? t('byYou', { version: version.version })
      : t('by', { version: version.version, author: author.name }),
  ];
  return (
    <span className="nums text-xs text-subtle" title={formatCount(count)}>
      {facts.filter(Boolean).join(' · ')}
    </span>
  );
}

interface VersionNoticeProps {
  used: number;
  shown: number;
  onBack: () => void;
}

function VersionNotice({ used, shown, onBack }: VersionNoticeProps) {
  const t = useT(messages);
  if (used === shown) return null;
  return (
    <p className="flex flex-wrap items-center gap-3 border-b border-line bg-sunken px-3 py-1.5 text-xs text-muted">
      {t('usedByAnswer', { version: used, shown })}
      <button type="button" className="text-accent underline" onClick={onBack}>
        {t('backTo', { version: used })}
      </button>
    </p>
  );
}

function TabList({ tabs, edited }: { tabs: readonly Tab[]; edited: boolean }) {
  const t = useT(messages);
  return (
    <Radix.List aria-label={t('tabs')} className="flex gap-4 border-b border-line px-3">
      {tabs.map((name) => (
        <Radix.Trigger key={name} value={name} className={TAB}>
          {t(`tab_${name}`)}
          {name === 'sql' && edited && (
            <span className="size-1.5 rounded-full bg-accent" title={t('unsaved')}>
              <span className="sr-only">{t('unsaved')}</span>
            </span>
          )}
        </Radix.Trigger>
      ))}
    </Radix.List>
  );
}

interface FooterProps {
  version: QueryVersion;
  rows: ResultRows;
  onExport: () => void;
  actions: ReactNode;
}

function Footer({ version, rows, onExport, actions }: FooterProps) {
  const t = useT(messages);
  return (
    <footer className="flex flex-wrap items-center gap-1 border-t border-line px-3 py-1">
      <span className="mr-auto py-1">
        <Facts version={version} />
      </span>
      {version.status === 'running' && (
        <Button size="sm" variant="ghost" onClick={() => void cancelQuery(version.query_id)}>
          {t('cancel')}
        </Button>
      )}
      {version.result_id && (
        <DownloadMenu
          resultId={version.result_id}
          truncated={version.truncated}
          onExport={onExport}
        />
      )}
      <CopyMenu version={version} rows={rows} />
      {actions}
    </footer>
  );
}

/** A query with its result: look, edit, run again without a model, download. */
export function SqlCard({ version: given, threadId, chart, actions = none }: SqlCardProps) {
  const t = useT(messages);
  const [tab, setTab] = useState<Tab>('result');
  // null until it was first opened, so that only then its code is fetched.
  const [exporting, setExporting] = useState<boolean | null>(null);
  const onExport = () => setExporting(true);
  const { shown, versions, show, run } = useQueryCard(given, threadId);
  const draft = useSqlDraft(shown.query_id, shown.version, shown.sql);
  const rows = useResultRows(shown.result_id ?? '', shown.columns, shown.row_count ?? 0);
  const tabs: Tab[] = chart ? ['result', 'sql', 'chart', 'info'] : ['result', 'sql', 'info'];
  const { isPending: running } = run;
  const card = useRef<HTMLElement>(null);
  const goal = useCellTarget(shown, card, (version) => {
    show(version);
    setTab('result');
    // Rows are found by where they were stored.
    rows.setSort(null);
    rows.setFilters([]);
  });

  const onRun = (sql: string, limit?: number) => {
    if (running) return;
    const onSuccess = () => {
      draft.reset();
      setTab('result');
    };
    run.mutate({ sql, limit }, { onSuccess });
  };
  return (
    <section
      ref={card}
      data-testid="sql-card"
      data-state={running ? 'running' : shown.status}
      data-grid-owner
      tabIndex={-1}
      aria-label={t('card', { handle: shown.handle, title: shown.title ?? '' })}
      className="min-w-0 overflow-hidden rounded-lg border border-line bg-surface shadow-card"
    >
      <Radix.Root value={tab} onValueChange={(value) => setTab(value as Tab)}>
        <Header version={shown}>
          <VersionMenu versions={versions} shown={shown.version} onShow={show} />
        </Header>
        <TabList tabs={tabs} edited={draft.edited} />
        <VersionNotice
          used={given.version}
          shown={shown.version}
          onBack={() => show(given.version)}
        />
        {run.error && <ErrorPanel error={run.error} title={t('runFailed')} />}
        <Radix.Content value="result" className={PANEL}>
          <ResultTab
            version={shown}
            rows={rows}
            running={running}
            goal={goal}
            onEdit={() => setTab('sql')}
            onRun={onRun}
            onExport={onExport}
          />
        </Radix.Content>
        <Radix.Content value="sql" className={PANEL}>
          <SqlTab
            key={shown.version}
            version={shown}
            draft={draft.draft}
            edited={draft.edited}
            running={running}
            onChange={draft.setDraft}
            onReset={draft.reset}
            onRun={onRun}
          />
        </Radix.Content>
        <Radix.Content value="chart" className={PANEL}>
          {chart}
        </Radix.Content>
        <Radix.Content value="info" className={PANEL}>
          <Suspense>
            <InfoTab version={shown} />
          </Suspense>
        </Radix.Content>
      </Radix.Root>
      <Footer version={shown} rows={rows} onExport={onExport} actions={actions(shown)} />
      {shown.result_id && exporting !== null && (
        <Suspense>
          <ExportDialog
            key={shown.result_id}
            resultId={shown.result_id}
            open={exporting}
            onClose={() => setExporting(false)}
          />
        </Suspense>
      )}
    </section>
  );
}

const InfoTab = lazy(() => import('./info-tab'));
const ExportDialog = lazy(() => import('./export-dialog'));

const none = () => null;
const TAB =
  '-mb-px flex h-8 items-center gap-1.5 border-b-2 border-transparent text-sm text-muted hover:text-fg focus-visible:-outline-offset-2 data-[state=active]:border-accent data-[state=active]:text-fg';
const PANEL = 'focus-visible:-outline-offset-2';
