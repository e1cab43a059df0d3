import { lazy, Suspense, useState } from 'react';
import type { QueryVersion } from '@/api/types';
import { ResultTab } from './result-tab';
import { useResultRows } from './use-result-rows';

const ExportDialog = lazy(() => import('./export-dialog'));

const nothing = () => undefined;

interface ResultViewProps {
  version: QueryVersion;
  running: boolean;
  onRun: (sql: string, limit?: number) => void;
}

/** The rows of a statement that is edited elsewhere. */
export function ResultView({ version, running, onRun }: ResultViewProps) {
  const rows = useResultRows(version.result_id ?? '', version.columns, version.row_count ?? 0);
  const [exporting, setExporting] = useState<boolean | null>(null);
  if (version.status === 'failed')
    return (
      <p
        role="alert"
        className="px-3 py-2 font-mono text-sm break-words whitespace-pre-wrap text-danger"
      >
        {version.error?.message} {version.error?.hint}
      </p>
    );
  return (
    <div data-testid="result-view" data-state={version.status} data-grid-owner>
      <ResultTab
        version={version}
        rows={rows}
        running={running}
        onEdit={nothing}
        onRun={onRun}
        onExport={() => setExporting(true)}
      />
      {version.result_id && exporting !== null ? (
        <Suspense>
          <ExportDialog
            resultId={version.result_id}
            open={exporting}
            onClose={() => setExporting(false)}
          />
        </Suspense>
      ) : null}
    </div>
  );
}
