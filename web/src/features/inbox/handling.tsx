import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Ellipsis } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { membersQuery, useCan } from '@/api/resources';
import type { InboxDetail } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Button, Dialog, IconButton, Menu, MenuItem, MenuSeparator, Select, toast } from '@/ui';
import { assign, escalate, markRead, snooze } from './api';
import { messages } from './detail-messages';

const AlwaysAllow = lazy(() => import('./always-allow'));

const HOUR_MS = 3_600_000;
const SNOOZES = { '1h': 1, '4h': 4, '1d': 24, '7d': 168 } as const;
type Snooze = keyof typeof SNOOZES;

export const snoozeUntil = (length: Snooze): string =>
  new Date(Date.now() + SNOOZES[length] * HOUR_MS).toISOString();

function AssignDialog({ request, onClose }: { request: InboxDetail; onClose: () => void }) {
  const t = useT(messages);
  const client = useQueryClient();
  const members = useQuery(membersQuery);
  const [person, setPerson] = useState(request.assignee?.id ?? '');
  const run = useMutation({
    mutationFn: () => assign(request.id, person === '' ? null : person),
    onSuccess: (made) => {
      client.setQueryData(['requests', request.id], made);
      onClose();
    },
    onError: (error) => toast({ title: error.message, tone: 'danger' }),
    onSettled: () => client.invalidateQueries({ queryKey: ['requests'] }),
  });
  const options = [
    { value: '', label: t('everybody') },
    ...(members.data ?? []).map(({ user }) => ({ value: user.id, label: user.name })),
  ];
  return (
    <Dialog
      open
      onClose={onClose}
      size="sm"
      title={t('assignTitle')}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button variant="primary" loading={run.isPending} onClick={() => run.mutate()}>
            {t('assign').replace('…', '')}
          </Button>
        </>
      }
    >
      <Select aria-label={t('assignTitle')} value={person} options={options} onChange={setPerson} />
    </Dialog>
  );
}

/** Whether a rule could be made of the request: what destroys, and what is no call, never is one. */
function useMayRule({ kind, risk, agent, actions, may_decide: may }: InboxDetail): boolean {
  const manage = useCan()('agent:manage');
  const call = actions.some(({ tool_call_id: id }) => id !== null);
  return manage && may && call && kind === 'approval' && risk !== 'destructive' && agent !== null;
}

/** What else can be done with a request: give it away, put it off, show it around. */
export function HandlingMenu({ request }: { request: InboxDetail }) {
  const t = useT(messages);
  const client = useQueryClient();
  const [assigning, setAssigning] = useState(false);
  const [ruling, setRuling] = useState(false);
  const mayRule = useMayRule(request);
  const run = useMutation({
    mutationFn: (act: () => Promise<InboxDetail>) => act(),
    onSuccess: (made) => client.setQueryData(['requests', request.id], made),
    onError: (error) => toast({ title: error.message, tone: 'danger' }),
    onSettled: () => client.invalidateQueries({ queryKey: ['requests'] }),
  });
  const open = request.status === 'pending';
  const snoozed = request.snoozed_until !== null && Date.parse(request.snoozed_until) > Date.now();
  return (
    <>
      <Menu
        label={t('more')}
        side="top"
        trigger={
          <IconButton
            label={t('more')}
            variant="secondary"
            tooltip={false}
            icon={<Ellipsis aria-hidden className="size-4" />}
          />
        }
      >
        {open ? (
          <>
            <MenuItem onSelect={() => setAssigning(true)}>{t('assign')}</MenuItem>
            {snoozed ? (
              <MenuItem onSelect={() => run.mutate(() => snooze(request.id, null))}>
                {t('unsnooze')}
              </MenuItem>
            ) : (
              (Object.keys(SNOOZES) as Snooze[]).map((length) => (
                <MenuItem
                  key={length}
                  onSelect={() => run.mutate(() => snooze(request.id, snoozeUntil(length)))}
                >
                  {`${t('snooze')} · ${t(`snooze_${length}`)}`}
                </MenuItem>
              ))
            )}
            <MenuItem onSelect={() => run.mutate(() => escalate(request.id))}>
              {t('escalate')}
            </MenuItem>
            {mayRule ? <MenuItem onSelect={() => setRuling(true)}>{t('always')}</MenuItem> : null}
            <MenuSeparator />
          </>
        ) : null}
        <MenuItem onSelect={() => run.mutate(() => markRead(request.id, false))}>
          {t('markUnread')}
        </MenuItem>
      </Menu>
      {ruling ? (
        <Suspense>
          <AlwaysAllow request={request} onClose={() => setRuling(false)} />
        </Suspense>
      ) : null}
      {assigning ? <AssignDialog request={request} onClose={() => setAssigning(false)} /> : null}
    </>
  );
}
