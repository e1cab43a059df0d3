import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import type { Source } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Button, Card, ErrorPanel, Field, Input, SkeletonRows } from '@/ui';
import { useSourcesChanged } from './api';
import { writeMessages } from './write-messages';

interface WriteConnection {
  enabled: boolean;
  user: string | null;
  has_password: boolean;
  max_rows: number;
  timeout_seconds: number;
  rehearse: boolean;
}

const path = (id: string) => `/sources/${id}/write_connection`;

const writeQuery = (id: string) =>
  queryOptions({
    queryKey: ['sources', id, 'write_connection'],
    queryFn: ({ signal }) => api.get<WriteConnection>(path(id), { signal }),
  });

interface FormProps {
  source: Source;
  known: WriteConnection;
}

function useChange(source: Source) {
  const client = useQueryClient();
  const changed = useSourcesChanged();
  const { queryKey } = writeQuery(source.id);
  const save = useMutation({
    mutationFn: (body: Record<string, unknown>) => api.put<WriteConnection>(path(source.id), body),
    onSuccess: async (made) => {
      client.setQueryData(queryKey, made);
      await changed();
    },
  });
  const remove = useMutation({
    mutationFn: () => api.delete(path(source.id)),
    onSuccess: changed,
  });
  return { save, remove };
}

interface BarProps {
  known: WriteConnection;
  change: ReturnType<typeof useChange>;
  ready: boolean;
}

function Bar({ known, change, ready }: BarProps) {
  const t = useT(writeMessages);
  const { save, remove } = change;
  const error = save.error ?? remove.error;
  return (
    <>
      {error ? <ErrorPanel error={error} /> : null}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" variant="primary" loading={save.isPending} disabled={!ready}>
          {t(known.enabled ? 'save' : 'allow')}
        </Button>
        {known.enabled ? (
          <Button variant="danger" loading={remove.isPending} onClick={() => remove.mutate()}>
            {t('remove')}
          </Button>
        ) : null}
        <span role="status" className="text-xs text-subtle">
          {save.isSuccess ? t('saved') : ''}
        </span>
      </div>
    </>
  );
}

interface AccountProps {
  known: WriteConnection;
  user: string;
  password: string;
  onChange: (changed: { user?: string; password?: string }) => void;
}

/** Whose rights a write has at a server; a file has no accounts. */
function Account({ known, user, password, onChange }: AccountProps) {
  const t = useT(writeMessages);
  const keeps = known.has_password && user === known.user;
  return (
    <>
      <Field label={t('user')} help={t('userHelp')}>
        {(control) => (
          <Input
            {...control}
            autoComplete="off"
            value={user}
            onChange={(event) => onChange({ user: event.target.value })}
          />
        )}
      </Field>
      <Field label={t('password')} help={keeps ? t('kept') : undefined} optional={keeps}>
        {(control) => (
          <Input
            {...control}
            type="password"
            autoComplete="new-password"
            value={password}
            onChange={(event) => onChange({ password: event.target.value })}
          />
        )}
      </Field>
    </>
  );
}

function WriteForm({ source, known }: FormProps) {
  const t = useT(writeMessages);
  const change = useChange(source);
  const [values, setValues] = useState({
    user: known.user ?? '',
    password: '',
    rows: String(known.max_rows),
    rehearse: known.rehearse,
  });
  const put = (changed: Partial<typeof values>) => setValues({ ...values, ...changed });
  const { user, password, rehearse } = values;
  const most = Number(values.rows);
  const file = source.engine === 'sqlite';
  const submit = () => {
    const account = file ? {} : { user, ...(password === '' ? {} : { password }) };
    const { timeout_seconds } = known;
    change.save.mutate({ ...account, max_rows: most, timeout_seconds, rehearse });
    put({ password: '' });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      className="flex max-w-md flex-col gap-4"
    >
      {file ? null : <Account known={known} user={user} password={password} onChange={put} />}
      <Field label={t('rows')} help={t('rowsHelp')}>
        {(control) => (
          <Input
            {...control}
            inputMode="numeric"
            value={values.rows}
            onChange={(event) => put({ rows: event.target.value })}
          />
        )}
      </Field>
      <label className="flex items-start gap-2.5 text-sm pointer-coarse:py-2">
        <input
          type="checkbox"
          checked={rehearse}
          onChange={(event) => put({ rehearse: event.target.checked })}
          className="mt-0.5 size-4 shrink-0 accent-[var(--accent-solid)]"
        />
        <span>
          {t('rehearse')}
          <span className="block text-xs text-subtle">{t('rehearseHelp')}</span>
        </span>
      </label>
      <Bar
        known={known}
        change={change}
        ready={(file || user.trim() !== '') && Number.isInteger(most) && most > 0}
      />
    </form>
  );
}

/** As whom approved writes come to the source; an admin sets it, and only writes use it. */
export default function WriteCard({ source }: { source: Source }) {
  const t = useT(writeMessages);
  const known = useQuery(writeQuery(source.id));
  return (
    <Card title={t('title')} description={t(source.engine === 'sqlite' ? 'leadFile' : 'lead')}>
      {known.error ? <ErrorPanel error={known.error} /> : null}
      {known.isPending ? <SkeletonRows rows={3} label={t('title')} /> : null}
      {known.data ? (
        <WriteForm
          key={`${known.data.enabled}${known.data.user ?? ''}`}
          source={source}
          known={known.data}
        />
      ) : null}
    </Card>
  );
}
