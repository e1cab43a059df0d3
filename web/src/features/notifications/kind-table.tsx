import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import type {
  EmailMode,
  KindPreference,
  Notifications,
  NotificationsInput,
  RequestKind,
} from '@/api/types';
import { useT } from '@/lib/i18n';
import { Card, ErrorPanel, Field, Select, Table, type TableColumn } from '@/ui';
import { notificationsQuery, saveNotifications } from './api';
import { messages } from './messages';
import { hours, zones } from './zones';

const KINDS = ['approval', 'question', 'review', 'problem', 'mention', 'finished'] as const;
const MODES: readonly EmailMode[] = ['off', 'now', 'daily'];

const SAVING = { mutationKey: ['notifications', 'save'] };

/**
 * Saves at once, one choice after the other; until the server has answered the last of them, what
 * was chosen is shown: an earlier answer knows nothing of the later choices.
 */
function useSave() {
  const queryClient = useQueryClient();
  const key = notificationsQuery.queryKey;
  const stored = useRef<Notifications | undefined>(undefined);
  const isLast = () => queryClient.isMutating(SAVING) === 1;
  return useMutation({
    ...SAVING,
    scope: { id: 'notifications' },
    mutationFn: saveNotifications,
    onMutate: async (wanted: NotificationsInput) => {
      await queryClient.cancelQueries({ queryKey: key });
      const before = queryClient.getQueryData(key);
      if (isLast()) stored.current = before;
      if (before) queryClient.setQueryData(key, { ...before, ...wanted });
    },
    onError: () => {
      if (isLast()) queryClient.setQueryData(key, stored.current);
    },
    onSuccess: (saved) => {
      stored.current = saved;
      if (isLast()) queryClient.setQueryData(key, saved);
    },
  });
}

interface BoxProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

function Box({ label, checked, onChange }: BoxProps) {
  return (
    <label className="flex size-8 cursor-pointer items-center pointer-coarse:size-control">
      <span className="sr-only">{label}</span>
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        className="size-4 accent-[var(--accent-solid)]"
      />
    </label>
  );
}

export function KindTable({ found }: { found: Notifications }) {
  const t = useT(messages);
  const save = useSave();
  const change = (kind: RequestKind, wanted: Partial<KindPreference>) =>
    save.mutate({
      ...found,
      kinds: { ...found.kinds, [kind]: { ...found.kinds[kind], ...wanted } },
    });
  const box = (channel: 'browser' | 'webhook') => (kind: RequestKind) => (
    <Box
      label={`${t(kind)}: ${t(channel)}`}
      checked={found.kinds[kind][channel]}
      onChange={(on) => change(kind, { [channel]: on })}
    />
  );
  const columns: TableColumn<RequestKind>[] = [
    { key: 'kind', header: t('kind'), cell: (kind) => <span>{t(kind)}</span> },
    { key: 'browser', header: t('browser'), cell: box('browser') },
    {
      key: 'email',
      header: t('email'),
      cell: (kind) => (
        <div className="w-28 sm:w-36">
          <Select
            aria-label={`${t(kind)}: ${t('email')}`}
            value={found.kinds[kind].email}
            options={MODES.map((mode) => ({ value: mode, label: t(mode) }))}
            onChange={(email) => change(kind, { email: email as EmailMode })}
          />
        </div>
      ),
    },
    { key: 'webhook', header: t('webhook'), cell: box('webhook') },
  ];
  return (
    <Card title={t('kinds')} description={t('kindsLead')}>
      <div className="flex flex-col gap-4">
        {save.error ? <ErrorPanel error={save.error} /> : null}
        <div className="max-sm:-mx-4">
          <Table label={t('kinds')} columns={columns} rows={KINDS} rowKey={(kind) => kind} />
        </div>
        <div className="flex flex-wrap gap-3">
          <Field label={t('digestHour')} className="w-28">
            {(control) => (
              <Select
                {...control}
                value={String(found.digest_hour)}
                options={hours()}
                onChange={(hour) => save.mutate({ ...found, digest_hour: Number(hour) })}
              />
            )}
          </Field>
          <Field label={t('zone')} className="w-64">
            {(control) => (
              <Select
                {...control}
                value={found.time_zone ?? 'UTC'}
                options={zones(found.time_zone, (zone) => t('zoneHere', { zone }))}
                onChange={(zone) =>
                  save.mutate({ ...found, time_zone: zone === 'UTC' ? null : zone })
                }
              />
            )}
          </Field>
        </div>
      </div>
    </Card>
  );
}
