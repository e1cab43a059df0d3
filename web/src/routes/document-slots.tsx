import { useQuery } from '@tanstack/react-query';
import type { BoundResult, QueryVersion } from '@/api/types';
import { CitedText, Figure, Receipts } from '@/features/chats/cited';
import { queryVersionsOptions, useResultRows } from '@/features/queries';
import type { DocumentSlots } from '@/features/documents';
import { ErrorPanel, SkeletonRows } from '@/ui';
import { Grid } from '@/ui/grid';

function Rows({ version, label }: { version: QueryVersion; label: string }) {
  const rows = useResultRows(version.result_id ?? '', version.columns, version.row_count ?? 0);
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-surface">
      {rows.error === null ? null : <ErrorPanel error={rows.error} />}
      <Grid
        label={label}
        columns={version.columns}
        rowCount={rows.rowCount}
        cell={rows.cell}
        load={rows.load}
        sort={rows.sort}
        onSort={rows.setSort}
        sortsOnServer={rows.sortsOnServer}
        maxHeight="65vh"
      />
    </div>
  );
}

function Bound({ result }: { result: BoundResult }) {
  const query = useQuery(queryVersionsOptions(result.query_id));
  const version = query.data?.versions.find(({ result_id: id }) => id === result.id);
  if (query.error) return <ErrorPanel error={query.error} />;
  if (!version) return <SkeletonRows label={result.reference} />;
  return <Rows version={version} label={result.reference} />;
}

/** What other features draw inside of a document. */
export const documentSlots: DocumentSlots = {
  text: (text, cites) => <CitedText text={text} cites={cites} onUpdate={null} />,
  figures: (cites, labels) => (
    <Receipts cites={cites} onUpdate={null}>
      <ul className="flex flex-wrap gap-x-5 gap-y-1 text-sm">
        {cites.map((_, index) => (
          <li key={index} className="flex items-baseline gap-1.5">
            <span className="nums text-xs text-subtle">{labels[index]}</span>
            <Figure cites={cites} index={index} of={labels[index] ?? ''} />
          </li>
        ))}
      </ul>
    </Receipts>
  ),
  result: (result) => <Bound result={result} />,
};
