import type { TableFacts } from '@/api/types';
import { formatCount, formatShare } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Chip } from '@/ui';
import { profileMessages } from './profile-messages';

function Rows({ facts }: { facts: TableFacts }) {
  const t = useT(profileMessages);
  const count = facts.row_count;
  if (count === null) return <Chip>{t('rowsUnknown')}</Chip>;
  if (facts.rows_estimated) return <Chip>{t('rowsAbout', { count: formatCount(count) })}</Chip>;
  return <Chip>{t('rows', { count })}</Chip>;
}

/** What was looked at, and what is true of the table as a whole. */
export function ProfileSummary({ facts }: { facts: TableFacts }) {
  const t = useT(profileMessages);
  const first = facts.basis.kind === 'first_rows';
  const rough = facts.columns.some((one) => one.distinct !== null && !one.distinct_exact);
  return (
    <div className="flex flex-col gap-2 text-sm">
      <div className="flex flex-wrap gap-1.5">
        <Rows facts={facts} />
        <Chip>
          {facts.completeness === null
            ? t('filledUnknown')
            : t('filled', { share: formatShare(facts.completeness) })}
        </Chip>
        <Chip tone={facts.duplicate_rows ? 'warning' : 'neutral'}>
          {facts.duplicate_rows === null
            ? t('duplicatesUnknown')
            : t('duplicates', { count: facts.duplicate_rows })}
        </Chip>
      </div>
      <p className={first ? 'text-warning' : 'text-muted'}>
        {first ? t('basisFirst', { rows: formatCount(facts.basis.rows) }) : t('basisAll')}
        {rough ? ` ${t('basisRough')}` : ''}
      </p>
      {facts.keys.length ? (
        <p className="text-muted">
          {t('keys')}
          {': '}
          {facts.keys
            .map((key) =>
              t(key.duplicates ? 'keyRepeats' : 'keyClean', {
                columns: key.columns.join(' + '),
                count: key.duplicates,
              }),
            )
            .join('; ')}
        </p>
      ) : null}
      {facts.not_computed.length ? (
        <ul aria-label={t('notComputed')} className="list-disc pl-5 text-warning">
          {facts.not_computed.map((words) => (
            <li key={words}>{words}</li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
