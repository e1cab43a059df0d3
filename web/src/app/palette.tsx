import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { ArrowRight, Bot, CornerDownLeft, Database, MessageSquare, Search } from 'lucide-react';
import { useId, useState, type KeyboardEvent, type ReactNode } from 'react';
import { api } from '@/api/client';
import { agentsQuery, sourcesQuery, useCan } from '@/api/resources';
import type { Page, Thread } from '@/api/types';
import { cx } from '@/lib/cx';
import { useT } from '@/lib/i18n';
import { Dialog } from '@/ui';
import { messages } from './messages';

interface Entry {
  id: string;
  icon: ReactNode;
  label: string;
  note: string;
  go: () => void;
}

const ICON = 'size-4 shrink-0 text-subtle';

/** The settings and pages one can jump to, by the key of their name. */
const PLACES = [
  ['chats', '/chats'],
  ['newChat', '/chats/new'],
  ['inbox', '/inbox'],
  ['runs', '/runs'],
  ['sources', '/sources'],
  ['addSource', '/sources/new'],
  ['definitions', '/definitions'],
  ['documents', '/documents'],
  ['agents', '/agents'],
  ['models', '/settings/models'],
  ['workers', '/settings/workers'],
  ['members', '/settings/members'],
  ['tokens', '/settings/tokens'],
  ['usage', '/settings/usage'],
  ['notifications', '/settings/notifications'],
  ['appearance', '/settings/appearance'],
  ['about', '/settings/about'],
] as const;

/** What a role may lack; a page it cannot open is not offered. */
const NEEDS: Record<string, string> = {
  '/chats': 'thread:get',
  '/chats/new': 'thread:create',
  '/inbox': 'request:get',
  '/runs': 'run:get',
  '/sources': 'source:get',
  '/sources/new': 'source:create',
  '/definitions': 'definition:get',
  '/documents': 'document:get',
  '/agents': 'agent:get',
  '/settings/models': 'model:get',
  '/settings/workers': 'worker:get',
  '/settings/members': 'member:get',
  '/settings/tokens': 'token:manage',
  '/settings/usage': 'usage:get',
};

function usePlaces() {
  const can = useCan();
  return PLACES.filter(([, to]) => NEEDS[to] === undefined || can(NEEDS[to]));
}

const MOST = 6;

/** The chats that a text is found in; the newest ones without it. */
function useFoundThreads(text: string): Thread[] {
  const threads = useQuery({
    queryKey: ['threads', { q: text, limit: MOST }],
    queryFn: ({ signal }) =>
      api.get<Page<Thread>>('/threads', { query: { q: text, limit: MOST }, signal }),
    placeholderData: (previous) => previous,
  });
  return threads.data?.data ?? [];
}

function useEntries(text: string, close: () => void): Entry[] {
  const t = useT(messages);
  const navigate = useNavigate();
  const places = usePlaces();
  const sources = useQuery(sourcesQuery).data?.data ?? [];
  const agents = useQuery(agentsQuery).data?.data ?? [];
  const threads = useFoundThreads(text);
  const jump = (run: () => Promise<void>) => () => {
    close();
    void run();
  };
  const has = (name: string) => name.toLowerCase().includes(text.toLowerCase());

  const entries: Entry[] = threads.map((thread) => ({
    id: `thread-${thread.id}`,
    icon: <MessageSquare aria-hidden className={ICON} />,
    label: thread.title,
    note: t('chats'),
    go: jump(() => navigate({ to: '/chats/$thread', params: { thread: thread.id } })),
  }));
  for (const source of sources.filter((candidate) => has(candidate.name)).slice(0, MOST)) {
    entries.push({
      id: `source-${source.id}`,
      icon: <Database aria-hidden className={ICON} />,
      label: source.name,
      note: t('sources'),
      go: jump(() =>
        navigate({ to: '/sources/$source/$tab', params: { source: source.id, tab: 'schema' } }),
      ),
    });
  }
  for (const agent of agents.filter((candidate) => text !== '' && has(candidate.name))) {
    entries.push({
      id: `agent-${agent.id}`,
      icon: <Bot aria-hidden className={ICON} />,
      label: agent.name,
      note: t('agents'),
      go: jump(() => navigate({ to: '/agents/$agent', params: { agent: agent.id } })),
    });
  }
  for (const [key, to] of places.filter(([candidate]) => has(t(candidate)))) {
    entries.push({
      id: to,
      icon: <ArrowRight aria-hidden className={ICON} />,
      label: t(key),
      note: t('goTo'),
      go: jump(() => navigate({ to })),
    });
  }
  if (text !== '') {
    entries.push({
      id: 'ask',
      icon: <CornerDownLeft aria-hidden className={ICON} />,
      label: t('paletteAsk', { text }),
      note: t('newChat'),
      go: jump(() => navigate({ to: '/chats/new', search: { q: text } })),
    });
  }
  return entries;
}

interface ListProps {
  id: string;
  entries: Entry[];
  active: number;
  onHover: (index: number) => void;
}

function EntryList({ id, entries, active, onHover }: ListProps) {
  const t = useT(messages);
  return (
    <ul id={id} role="listbox" aria-label={t('palette')} className="max-h-80 overflow-y-auto py-2">
      {entries.map((entry, index) => (
        // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- keys work through the combobox above (aria-activedescendant)
        <li
          key={entry.id}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === active}
          tabIndex={-1}
          onClick={entry.go}
          onMouseMove={() => onHover(index)}
          className={cx(
            'flex min-h-row cursor-default items-center gap-2.5 rounded-md px-2.5 text-sm',
            index === active && 'bg-accent-soft',
          )}
        >
          {entry.icon}
          <span className="min-w-0 flex-1 truncate">{entry.label}</span>
          <span className="text-xs text-subtle">{entry.note}</span>
        </li>
      ))}
    </ul>
  );
}

export function Palette({ onClose }: { onClose: () => void }) {
  const t = useT(messages);
  const id = useId();
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const entries = useEntries(text.trim(), onClose);
  const index = Math.min(active, Math.max(0, entries.length - 1));

  const move = (by: number) => {
    const next = (index + by + entries.length) % Math.max(1, entries.length);
    setActive(next);
    document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: 'nearest' });
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'ArrowDown') move(1);
    else if (event.key === 'ArrowUp') move(-1);
    else if (event.key === 'Enter') entries[index]?.go();
    else return;
    event.preventDefault();
  };
  return (
    <Dialog open onClose={onClose} title={t('palette')}>
      <div className="flex items-center gap-2 rounded-sm border border-control px-2.5 focus-within:outline-2 focus-within:outline-accent">
        <Search aria-hidden className="size-4 shrink-0 text-subtle" />
        <input
          role="combobox"
          aria-label={t('palette')}
          aria-expanded="true"
          aria-controls={id}
          aria-activedescendant={entries.length > 0 ? `${id}-${index}` : undefined}
          value={text}
          placeholder={t('palettePlaceholder')}
          onChange={(event) => {
            setText(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKey}
          className="h-10 min-w-0 flex-1 bg-transparent text-md outline-none"
        />
      </div>
      <EntryList id={id} entries={entries} active={index} onHover={setActive} />
      <p role="status" className={entries.length > 0 ? 'sr-only' : 'pb-2 text-sm text-muted'}>
        {entries.length > 0 ? t('results', { count: entries.length }) : t('paletteEmpty')}
      </p>
    </Dialog>
  );
}
