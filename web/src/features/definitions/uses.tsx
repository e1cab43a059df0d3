import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { DefinitionDetail } from '@/api/types';
import { useT } from '@/lib/i18n';
import { ErrorPanel, SkeletonRows, Table, Time } from '@/ui';
import { usesQuery } from './api';
import { messages } from './messages';

/** The answers that used it, and the tables it reads. */
export function DefinitionUsesList({ definition }: { definition: DefinitionDetail }) {
  const t = useT(messages);
  const uses = useQuery(usesQuery(definition.id));
  const failed = uses.error ? (
    <ErrorPanel error={uses.error} onRetry={() => void uses.refetch()} />
  ) : null;
  if (!uses.data) return failed ?? <SkeletonRows label={t('loading')} />;
  const { count, data } = uses.data;
  return (
    <div className="flex flex-col gap-4">
      {failed}
      <p className="text-sm">
        {t('used', { count })} {count > 0 && data.length === 0 ? t('usedNone') : null}
      </p>
      {data.length > 0 ? (
        <Table
          label={t('usedOwn')}
          rows={data}
          rowKey={({ query_id: id, query_version: version }) => `${id}:${version}`}
          columns={[
            {
              key: 'query',
              header: t('query'),
              cell: ({ thread_id: thread, handle, title }) => (
                <Link
                  to="/chats/$thread"
                  params={{ thread }}
                  className="text-accent hover:underline"
                >
                  <span className="nums">{handle}</span> {title}
                </Link>
              ),
            },
            {
              key: 'version',
              header: t('tabForm'),
              cell: ({ version }) => t('version', { version }),
            },
            {
              key: 'when',
              header: t('when'),
              cell: ({ at }) => (
                <span className="text-muted">
                  <Time iso={at} />
                </span>
              ),
            },
          ]}
        />
      ) : null}
      {definition.uses.length > 0 ? (
        <section className="text-sm">
          <h2 className="text-title-sm">{t('reads')}</h2>
          <ul className="mt-1 font-mono text-xs text-muted">
            {definition.uses.map(({ table, columns }) => (
              <li key={table} className="break-words">
                {table} ({columns.join(', ')})
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </div>
  );
}
