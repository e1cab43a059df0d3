import { Link } from '@tanstack/react-router';
import { CircleAlert, Hand } from 'lucide-react';
import type { Source, Thread } from '@/api/types';
import { formatMoney } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Chip, Spinner, Time } from '@/ui';
import { listMessages } from './list-messages';
import { messages } from './messages';

interface ThreadTableProps {
  threads: readonly Thread[];
  sources: readonly Source[];
}

function StatusCell({ thread }: { thread: Thread }) {
  const t = useT(listMessages);
  const run = thread.active_run;
  if (!run && thread.last_status === 'failed')
    return (
      <Chip tone="danger" icon={<CircleAlert aria-hidden />}>
        {t('status_failed')}
      </Chip>
    );
  if (!run) {
    const stopped = thread.last_status === 'stopped';
    return <span className="text-subtle">{t(stopped ? 'status_stopped' : 'status_idle')}</span>;
  }
  if (run.status === 'waiting')
    return (
      <Chip tone="warning" icon={<Hand aria-hidden />} title={t('waitsForPerson')}>
        <span aria-hidden className="sm:hidden">
          {t('status_waiting')}
        </span>
        <span className="max-sm:sr-only">{t('waitsForPerson')}</span>
      </Chip>
    );
  return (
    <Chip tone="accent" icon={<Spinner />}>
      {t(run.status === 'queued' ? 'status_queued' : 'status_running')}
    </Chip>
  );
}

const CELL = 'px-3 py-2 align-middle';

/** One line per thread; on a phone only title, status and time remain. */
export function ThreadTable({ threads, sources }: ThreadTableProps) {
  const t = useT(listMessages);
  const chat = useT(messages);
  const names = (ids: readonly string[]) =>
    ids.map((id) => sources.find((source) => source.id === id)?.name ?? '').join(', ');
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-surface shadow-card">
      <table className="w-full table-fixed text-sm">
        <thead>
          <tr className="border-b border-line text-left text-xs text-subtle">
            <th scope="col" className={`${CELL} font-normal`}>
              {t('columnTitle')}
            </th>
            <th scope="col" className={`${CELL} hidden w-48 font-normal md:table-cell`}>
              {t('columnSources')}
            </th>
            <th scope="col" className={`${CELL} w-28 font-normal sm:w-44`}>
              {t('columnStatus')}
            </th>
            <th scope="col" className={`${CELL} hidden w-36 font-normal sm:table-cell`}>
              {t('columnUpdated')}
            </th>
            <th scope="col" className={`${CELL} hidden w-24 text-right font-normal md:table-cell`}>
              {t('columnCost')}
            </th>
          </tr>
        </thead>
        <tbody>
          {threads.map((thread) => (
            <tr key={thread.id} className="border-b border-line last:border-0 hover:bg-sunken">
              <td className={CELL}>
                <Link
                  to="/chats/$thread"
                  params={{ thread: thread.id }}
                  className="block truncate font-strong hover:underline"
                >
                  {thread.title || chat('untitled')}
                </Link>
              </td>
              <td className={`${CELL} hidden truncate text-muted md:table-cell`}>
                {names(thread.source_ids)}
              </td>
              <td className={CELL}>
                <StatusCell thread={thread} />
              </td>
              <td className={`${CELL} hidden text-muted sm:table-cell`}>
                <Time iso={thread.last_message_at ?? thread.updated_at} />
              </td>
              <td className={`${CELL} nums hidden text-right text-muted md:table-cell`}>
                {formatMoney(thread.usage.cost)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
