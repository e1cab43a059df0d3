import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import type { InboxRequest } from '@/api/types';
import { useT } from '@/lib/i18n';
import { toast } from '@/ui';
import { approveAll, decide, markRead, rejectAll, snooze } from './api';
import { snoozeUntil } from './handling';
import { messages } from './messages';
import { isNotice } from './notice';

/** How long a key's approval may be taken back. */
const UNDO_MS = 5000;

export interface InboxKeys {
  requests: readonly InboxRequest[];
  onOpen: (request: InboxRequest, intent?: 'edit' | 'respond' | 'approve') => void;
  onSelect: (request: InboxRequest) => void;
}

const links = (box: Element) => [...box.querySelectorAll<HTMLElement>('a[data-request]')];

function focusedId(): string | undefined {
  const active = document.activeElement;
  const row = active?.closest('[data-testid=inbox-row]');
  return row?.querySelector<HTMLElement>('a[data-request]')?.dataset.request;
}

/** Holds an approval back for five seconds; leaving the page sends it. */
function useHeldApproval(send: (request: InboxRequest) => void) {
  const held = useRef(new Map<string, { timer: number; request: InboxRequest }>());
  const latest = useRef(send);
  useEffect(() => {
    latest.current = send;
  });
  useEffect(() => {
    const waiting = held.current;
    return () => {
      for (const { timer, request } of waiting.values()) {
        window.clearTimeout(timer);
        latest.current(request);
      }
    };
  }, []);
  const hold = (request: InboxRequest) => {
    if (held.current.has(request.id)) return;
    const timer = window.setTimeout(() => {
      held.current.delete(request.id);
      latest.current(request);
    }, UNDO_MS);
    held.current.set(request.id, { timer, request });
  };
  const release = (id: string) => {
    window.clearTimeout(held.current.get(id)?.timer);
    held.current.delete(id);
  };
  return { hold, release };
}

/** `j` and `k` move, letters decide: only while the list has the focus. */
export function useInboxKeys({ requests, onOpen, onSelect }: InboxKeys) {
  const t = useT(messages);
  const client = useQueryClient();
  const act = useMutation({
    mutationFn: (run: () => Promise<unknown>) => run(),
    onError: (error) => toast({ title: error.message, tone: 'danger' }),
    onSettled: () => client.invalidateQueries({ queryKey: ['requests'] }),
  });
  const { hold, release } = useHeldApproval((request) =>
    act.mutate(() => decide(request, approveAll(request))),
  );
  const approve = (request: InboxRequest) => {
    const plain = request.may_decide && request.actions.every(({ allow }) => allow.approve);
    // What cannot be undone is confirmed on its page, and so is what takes more than a yes.
    if (request.risk === 'destructive' || !plain) {
      onOpen(request, 'approve');
      return;
    }
    hold(request);
    toast({
      title: t(isNotice(request) ? 'willMark' : 'willApprove', { title: request.title }),
      action: { label: t('undo'), run: () => release(request.id) },
    });
  };
  const keys: Record<string, (request: InboxRequest) => void> = {
    a: approve,
    e: (request) => onOpen(request, 'edit'),
    r: (request) => onOpen(request, 'respond'),
    '#': (request) => {
      if (request.may_decide) act.mutate(() => decide(request, rejectAll(request)));
    },
    x: onSelect,
    h: (request) => act.mutate(() => snooze(request.id, snoozeUntil('4h'))),
    u: (request) => act.mutate(() => markRead(request.id, false)),
  };
  const move = (box: Element, by: 1 | -1) => {
    const all = links(box);
    const id = focusedId();
    const at = all.findIndex((link) => link.dataset.request === id);
    all[Math.min(all.length - 1, Math.max(0, at + by))]?.focus();
  };
  return (event: KeyboardEvent<HTMLElement>) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.key === 'j' || event.key === 'k') {
      move(event.currentTarget, event.key === 'j' ? 1 : -1);
      event.preventDefault();
      return;
    }
    const request = requests.find(({ id }) => id === focusedId());
    const run = keys[event.key];
    if (!request || !run) return;
    event.preventDefault();
    run(request);
  };
}
