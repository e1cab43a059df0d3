import { Link } from '@tanstack/react-router';
import type { InboxRequest } from '@/api/types';
import { cx } from '@/lib/cx';
import { formatAbsolute, formatRelative } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Time } from '@/ui';
import { isSoon } from './due';
import { KindIcon, RiskChip } from './looks';
import { messages } from './messages';
import { useOutcome } from './outcome';

export interface RequestRowProps {
  request: InboxRequest;
  selected: boolean;
  onSelect: () => void;
}

function Meta({ request }: { request: InboxRequest }) {
  const t = useT(messages);
  const outcome = useOutcome(request);
  const { agent, assignee, expires_at: due, requires, approvals } = request;
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-0.5 text-xs text-subtle">
      {agent ? <span>{agent.name}</span> : null}
      <Time iso={request.created_at} />
      {assignee ? <span>{t('assignedTo', { name: assignee.name })}</span> : null}
      {requires > 1 ? <span>{t('approvalsOf', { have: approvals, need: requires })}</span> : null}
      {due && outcome === null ? (
        <span className={isSoon(due) ? 'text-warning' : undefined} title={formatAbsolute(due)}>
          {t('due', { time: formatRelative(due) })}
        </span>
      ) : null}
      {outcome ? <span className="text-muted">{outcome}</span> : null}
    </span>
  );
}

/** One request as a sentence; nothing of it is cut. */
export function RequestRow({ request, selected, onSelect }: RequestRowProps) {
  const t = useT(messages);
  const unread = request.status === 'pending' && request.read_at === null;
  return (
    <li
      data-testid="inbox-row"
      data-state={request.status}
      className={cx(
        'flex min-h-14 items-start gap-3 border-b border-line px-4 py-2.5 last:border-0',
        selected ? 'bg-accent-soft' : 'hover:bg-canvas',
      )}
    >
      {request.status === 'pending' ? (
        <input
          type="checkbox"
          className="mt-1 size-4"
          aria-label={t('select', { title: request.title })}
          checked={selected}
          onChange={onSelect}
        />
      ) : null}
      <span className="mt-0.5">
        <KindIcon kind={request.kind} />
      </span>
      <span className="flex min-w-0 flex-1 flex-col items-start gap-1 sm:flex-row sm:gap-3">
        <span className="flex min-w-0 flex-1 flex-col gap-0.5">
          <Link
            to="/inbox/$request"
            params={{ request: request.id }}
            data-request={request.id}
            className={cx('text-sm break-words hover:underline', unread && 'font-strong')}
          >
            {unread ? <span className="sr-only">{`${t('unread')}: `}</span> : null}
            {request.title}
          </Link>
          <Meta request={request} />
        </span>
        <RiskChip risk={request.risk} />
      </span>
    </li>
  );
}
