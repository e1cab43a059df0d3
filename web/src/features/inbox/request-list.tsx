import { ChevronDown } from 'lucide-react';
import { useState } from 'react';
import type { InboxRequest } from '@/api/types';
import { cx } from '@/lib/cx';
import { useT } from '@/lib/i18n';
import { Card } from '@/ui';
import { BulkBar } from './bulk-bar';
import { messages } from './messages';
import { RequestRow } from './request-row';
import { useInboxKeys, type InboxKeys } from './use-inbox-keys';

interface Group {
  key: string;
  requests: InboxRequest[];
}

/** Requests of one run stand together, where the first of them stands. */
export function grouped(requests: readonly InboxRequest[]): Group[] {
  const groups = new Map<string, Group>();
  for (const request of requests) {
    const key = request.run_id ?? request.id;
    const group = groups.get(key) ?? { key, requests: [] };
    group.requests.push(request);
    groups.set(key, group);
  }
  return [...groups.values()];
}

interface RowsProps {
  group: Group;
  selected: ReadonlySet<string>;
  onSelect: (request: InboxRequest) => void;
}

function Rows({ group, selected, onSelect }: RowsProps) {
  return group.requests.map((request) => (
    <RequestRow
      key={request.id}
      request={request}
      selected={selected.has(request.id)}
      onSelect={() => onSelect(request)}
    />
  ));
}

function Several(props: RowsProps) {
  const t = useT(messages);
  const [open, setOpen] = useState(true);
  const { group } = props;
  return (
    <>
      <li className="border-b border-line bg-canvas px-4 py-1.5">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="flex min-h-6 items-center gap-1.5 text-xs text-muted hover:text-fg"
        >
          <ChevronDown aria-hidden className={cx('size-3.5', !open && '-rotate-90')} />
          {t('ofOneRun', { count: group.requests.length })}
        </button>
      </li>
      {open ? <Rows {...props} /> : null}
    </>
  );
}

export interface RequestListProps {
  requests: readonly InboxRequest[];
  onOpen: InboxKeys['onOpen'];
}

/** Requests as sentences, moved through and decided from the keyboard, or several at once. */
export function RequestList({ requests, onOpen }: RequestListProps) {
  const t = useT(messages);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const select = ({ id }: InboxRequest) => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    setSelected(next);
  };
  const onKeyDown = useInboxKeys({ requests, onOpen, onSelect: select });
  const chosen = requests.filter(({ id, status }) => selected.has(id) && status === 'pending');
  return (
    <div className="flex flex-col gap-3">
      {chosen.length > 0 ? (
        <BulkBar requests={chosen} onDone={() => setSelected(new Set())} />
      ) : null}
      <Card flush>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys act on the row that has the focus; the rows are links */}
        <ul aria-label={t('list')} title={t('keys')} onKeyDown={onKeyDown}>
          {grouped(requests).map((group) =>
            group.requests.length > 1 ? (
              <Several key={group.key} group={group} selected={selected} onSelect={select} />
            ) : (
              <Rows key={group.key} group={group} selected={selected} onSelect={select} />
            ),
          )}
        </ul>
      </Card>
    </div>
  );
}
