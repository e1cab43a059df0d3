import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import type { AgentDetail, Page } from '@/api/types';
import { defineMessages, useT } from '@/lib/i18n';
import { Button, Card, ErrorPanel, SkeletonRows, TextField, Time } from '@/ui';

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

interface WriterProps {
  label: string;
  initial?: string;
  pending: boolean;
  onSave: (content: string) => void;
  onCancel?: () => void;
}

function Writer({ label, initial = '', pending, onSave, onCancel }: WriterProps) {
  const t = useT(messages);
  const [text, setText] = useState(initial);
  return (
    <form
      className="flex flex-wrap items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== '') onSave(text.trim());
      }}
    >
      <TextField
        label={label}
        className="min-w-0 flex-1 basis-60"
        value={text}
        maxLength={LONGEST}
        placeholder={t('placeholder')}
        onChange={({ target }) => setText(target.value)}
      />
      <Button type="submit" loading={pending} disabled={text.trim() === ''}>
        {t('save')}
      </Button>
      {onCancel ? <Button onClick={onCancel}>{t('cancel')}</Button> : null}
    </form>
  );
}

function useNotes(agent: string) {
  const client = useQueryClient();
  const path = `/agents/${agent}/notes`;
  const key = ['agents', agent, 'notes'];
  const list = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.get<Page<Note>>(`/agents/${agent}/notes`, { signal }),
  });
  const onSuccess = () => client.invalidateQueries({ queryKey: key });
  const save = useMutation({
    mutationFn: ({ id, content }: { id?: string; content: string }) =>
      id === undefined
        ? api.post<Note>(path, { content })
        : api.patch<Note>(`${path}/${id}`, { content }),
    onSuccess,
  });
  const forget = useMutation({
    mutationFn: (id: string) => api.delete(`${path}/${id}`),
    onSuccess,
  });
  return { list, save, forget };
}

interface ItemProps {
  note: Note;
  notes: ReturnType<typeof useNotes>;
}

function Item({ note, notes: { save, forget } }: ItemProps) {
  const t = useT(messages);
  const [editing, setEditing] = useState(false);
  if (editing) {
    const done = { onSuccess: () => setEditing(false) };
    return (
      <Writer
        label={t('text')}
        initial={note.content}
        pending={save.isPending}
        onCancel={() => setEditing(false)}
        onSave={(content) => save.mutate({ id: note.id, content }, done)}
      />
    );
  }
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
          onClick={() => setEditing(true)}
        >
          {t('edit')}
        </Button>
        <Button
          size="sm"
          aria-label={t('forgetOne', { note: note.content })}
          onClick={() => forget.mutate(note.id)}
        >
          {t('forget')}
        </Button>
      </div>
    </div>
  );
}

function List({ notes }: { notes: ReturnType<typeof useNotes> }) {
  const t = useT(messages);
  const known = notes.list.data?.data;
  if (!known) return notes.list.isPending ? <SkeletonRows rows={3} label={t('loading')} /> : null;
  if (known.length === 0) return <p className="text-sm text-subtle">{t('none')}</p>;
  return (
    <ul className="divide-y divide-line">
      {known.map((note) => (
        <li key={note.id} className="py-2">
          <Item note={note} notes={notes} />
        </li>
      ))}
    </ul>
  );
}

/** What an agent remembers for the person who looks: listed, changed, forgotten. */
export default function Notes({ agent }: { agent: AgentDetail }) {
  const t = useT(messages);
  const notes = useNotes(agent.id);
  const { list, save, forget } = notes;
  const on = (agent.published ?? agent.draft).memory === 'agent';
  const failed = list.error ?? save.error ?? forget.error;
  return (
    <div className="max-w-3xl">
      <Card title={t('title')} description={on ? t('lead') : t('off')}>
        {failed ? <ErrorPanel error={failed} /> : null}
        <List notes={notes} />
        <div className="mt-4">
          <Writer
            key={list.data?.data.length}
            label={t('add')}
            pending={save.isPending}
            onSave={(content) => save.mutate({ content })}
          />
        </div>
      </Card>
    </div>
  );
}
