import type { QueryVersion } from '@/api/types';
import { formatAbsolute, formatCount, formatDuration } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { detailMessages } from './detail-messages';

export default function InfoTab({ version }: { version: QueryVersion }) {
  const t = useT(detailMessages);
  const facts: [string, string][] = [
    [t('source'), version.source_name],
    [t('author'), version.author.name],
    [t('startedAt'), formatAbsolute(version.ran_at)],
    [t('duration'), formatDuration(version.elapsed_ms)],
    [t('rowCount'), formatCount(version.row_count)],
    [t('rowLimit'), formatCount(version.row_limit)],
    [t('columns'), version.columns.map(({ name, type }) => `${name} ${type}`).join(', ')],
    [t('queryId'), version.query_id],
    [t('resultId'), version.result_id ?? '—'],
  ];
  return (
    <dl className="grid grid-cols-[max-content_1fr] gap-x-6 gap-y-1.5 px-4 py-3 text-sm">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-subtle">{name}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
