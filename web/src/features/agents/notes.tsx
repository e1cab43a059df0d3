import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import type { AgentDetail, Page } from '@/api/types';
import { defineMessages, useT } from '@/lib/i18n';
import { Button, Card, ErrorPanel, SkeletonRows, TextField, Time } from '@/ui';
import { handOnFocus } from '@/ui/focus';

const messages = defineMessages({
  en: {
    title: 'What it remembers for you',
    lead: 'Short notes that this agent is told in every chat with you. Nobody else sees or is told them.',
    off: 'Its memory is off: it keeps no notes by itself and is told none. Turn it on under Setup.',
    none: 'Nothing yet.',
    add: 'Add a note',
    placeholder: 'Revenue means net of returns.',
    save: 'Save',
    cancel: 'Cancel',
    edit: 'Edit',
    forget: 'Forget',
    text: 'Note',
    byAgent: 'Noted by the agent',
    byYou: 'Written by you',
    chat: 'Chat',
    loading: 'Loading notes',
    forgetOne: 'Forget “{note}”',
    editOne: 'Edit “{note}”',
  },
  fr: {
    title: 'Ce dont il se souvient pour vous',
    lead: 'De courtes notes données à cet agent dans chaque discussion avec vous. Personne d’autre ne les voit ni ne les reçoit.',
    off: 'Sa mémoire est désactivée : il ne note rien et ne reçoit aucune note. Activez-la dans les réglages.',
    none: 'Rien encore.',
    add: 'Ajouter une note',
    placeholder: 'Le chiffre d’affaires s’entend net des retours.',
    save: 'Enregistrer',
    cancel: 'Annuler',
    edit: 'Modifier',
    forget: 'Oublier',
    text: 'Note',
    byAgent: 'Noté par l’agent',
    byYou: 'Écrit par vous',
    chat: 'Discussion',
    loading: 'Chargement des notes',
    forgetOne: 'Oublier « {note} »',
    editOne: 'Modifier « {note} »',
  },
});

interface Note {
  id: string;
  content: string;
  saved_by: 'agent' | 'user';
  thread_id: string | null;
  updated_at: string;
}

const LONGEST = 400;

const notesKey = (agent: string) => ['agents', agent, 'notes'];

/** A change of the notes; done when the list shows it. */
function useNotesChange<T>(agent: string, change: (given: T) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => client.invalidateQueries({ queryKey: notesKey(agent) }),
  });
}

interface WriterProps {
  agent: string;
  label: string;
  /** The note that is changed; unset: a new one. */
  note?: Note;
  onClose?: () => void;
}

function Writer({ agent, label, note, onClose }: WriterProps) {
  const t = useT(messages);
  const [text, setText] = useState(note?.content ?? '');
  const path = `/agents/${agent}/notes`;
  const save = useNotesChange(agent, (content: string) =>
    note ? api.patch<Note>(`${path}/${note.id}`, { content }) : api.post<Note>(path, { content }),
  );
  const done = (content: string) => {
    // What was typed since is the next note.
    setText((now) => (now.trim() === content ? '' : now));
    onClose?.();
  };
  return (
    <form
      className="flex flex-wrap items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        const content = text.trim();
        if (content === '' || save.isPending) return;
        save.mutate(content, { onSuccess: () => done(content) });
      }}
    >
      {save.error ? (
        <div className="basis-full">
          <ErrorPanel error={save.error} />
        </div>
      ) : null}
      <TextField
        label={label}
        className="min-w-0 flex-1 basis-60"
        value={text}
        maxLength={LONGEST}
        placeholder={t('placeholder')}
        autoFocus={note !== undefined}
        onChange={({ target }) => setText(target.value)}
      />
      <Button type="submit" loading={save.isPending} disabled={text.trim() === ''}>
        {t('save')}
      </Button>
      {onClose ? <Button onClick={onClose}>{t('cancel')}</Button> : null}
    </form>
  );
}

interface ItemProps {
  agent: string;
  note: Note;
}

function Item({ agent, note }: ItemProps) {
  const t = useT(messages);
  const [editing, setEditing] = useState<boolean | null>(null);
  const forget = useNotesChange(agent, () => api.delete(`/agents/${agent}/notes/${note.id}`));
  if (editing)
    return <Writer agent={agent} label={t('text')} note={note} onClose={() => setEditing(false)} />;
  return (
    <div className="flex flex-wrap items-start gap-2">
      <div className="min-w-0 flex-1 basis-60">
        <p className="text-sm break-words">{note.content}</p>
        <p className="text-xs text-subtle">
          {t(note.saved_by === 'agent' ? 'byAgent' : 'byYou')} · <Time iso={note.updated_at} />
          {note.thread_id === null ? null : (
            <>
              {' · '}
              <Link to="/chats/$thread" params={{ thread: note.thread_id }} className="underline">
                {t('chat')}
              </Link>
            </>
          )}
        </p>
      </div>
      <div className="flex gap-2">
        <Button
          size="sm"
          aria-label={t('editOne', { note: note.content })}
          autoFocus={editing === false}
          onClick={() => setEditing(true)}
        >
          {t('edit')}
        </Button>
        <Button
          size="sm"
          aria-label={t('forgetOne', { note: note.content })}
          loading={forget.isPending}
          onClick={() => forget.mutate(undefined)}
        >
          {t('forget')}
        </Button>
      </div>
      {forget.error ? (
        <div className="basis-full">
          <ErrorPanel error={forget.error} />
        </div>
      ) : null}
    </div>
  );
}

function List({ agent }: { agent: string }) {
  const t = useT(messages);
  const list = useQuery({
    queryKey: notesKey(agent),
    queryFn: ({ signal }) => api.get<Page<Note>>(`/agents/${agent}/notes`, { signal }),
  });
  const known = list.data?.data;
  return (
    <>
      {list.error ? <ErrorPanel error={list.error} onRetry={() => void list.refetch()} /> : null}
      {list.isPending ? <SkeletonRows rows={3} label={t('loading')} /> : null}
      {known?.length === 0 ? <p className="text-sm text-subtle">{t('none')}</p> : null}
      {known && known.length > 0 ? (
        <ul className="divide-y divide-line">
          {known.map((note) => (
            <li key={note.id} ref={handOnFocus} className="py-2">
              <Item agent={agent} note={note} />
            </li>
          ))}
        </ul>
      ) : null}
    </>
  );
}

/** What an agent remembers for the person who looks: listed, changed, forgotten. */
export default function Notes({ agent }: { agent: AgentDetail }) {
  const t = useT(messages);
  const on = (agent.published ?? agent.draft).memory === 'agent';
  return (
    <div className="max-w-3xl">
      <Card title={t('title')} description={on ? t('lead') : t('off')}>
        <List agent={agent.id} />
        <div className="mt-4">
          <Writer agent={agent.id} label={t('add')} />
        </div>
      </Card>
    </div>
  );
}
