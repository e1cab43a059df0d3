import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useState } from 'react';
import { useSession } from '@/api/resources';
import type { Invite } from '@/api/types';
import { isEmail } from '@/lib/checks';
import { useForm } from '@/lib/form';
import { formatTime } from '@/lib/format';
import { useT } from '@/lib/i18n';
import {
  Card,
  CopyButton,
  DoneDialog,
  ErrorPanel,
  Field,
  FormDialog,
  FormField,
  FormSelect,
  IconButton,
  Input,
  Time,
} from '@/ui';
import { handOnFocus } from '@/ui/focus';
import { createInvite, invitesQuery, revokeInvite } from './api';
import { messages } from './messages';
import { grantable, toRole } from './roles';

function LinkReady({ invite, onClose }: { invite: Invite; onClose: () => void }) {
  const t = useT(messages);
  const link = invite.url ?? '';
  return (
    <DoneDialog title={t('inviteTitle')} onClose={onClose}>
      <div className="flex flex-col items-start gap-3">
        <Field
          className="w-full"
          label={t('link')}
          help={t('linkReady', { when: formatTime(invite.expires_at) })}
        >
          {(control) => (
            <Input {...control} readOnly value={link} onFocus={(event) => event.target.select()} />
          )}
        </Field>
        <CopyButton text={link} label={t('copyLink')} />
      </div>
    </DoneDialog>
  );
}

export function InviteDialog({ onClose }: { onClose: () => void }) {
  const t = useT(messages);
  const { role: mine } = useSession();
  const queryClient = useQueryClient();
  const [invite, setInvite] = useState<Invite | null>(null);
  const form = useForm({
    initial: { email: '', role: 'analyst' },
    validate: ({ email }) => (email === '' || isEmail(email) ? {} : { email: t('badEmail') }),
    submit: ({ email, role }) =>
      createInvite({ role: toRole(role), ...(email === '' ? {} : { email: email.trim() }) }),
    onSuccess: async (made) => {
      setInvite(made);
      await queryClient.invalidateQueries({ queryKey: invitesQuery.queryKey });
    },
  });
  if (invite) return <LinkReady invite={invite} onClose={onClose} />;
  return (
    <FormDialog
      secret
      form={form}
      title={t('inviteTitle')}
      description={t('inviteLead')}
      submit={t('makeLink')}
      onClose={onClose}
    >
      <FormField
        form={form}
        name="email"
        type="email"
        label={t('email')}
        help={t('emailHelp')}
        optional
        autoFocus
      />
      <FormSelect
        form={form}
        name="role"
        label={t('role')}
        help={t(`${toRole(form.values.role)}Can`)}
        options={grantable(mine).map((role) => ({ value: role, label: t(role) }))}
      />
    </FormDialog>
  );
}

function OpenInvite({ invite }: { invite: Invite }) {
  const t = useT(messages);
  const queryClient = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => revokeInvite(invite.id),
    onSettled: () => queryClient.invalidateQueries({ queryKey: invitesQuery.queryKey }),
  });
  return (
    <li ref={handOnFocus} className="py-1">
      <div className="flex min-h-row items-center gap-3 text-sm">
        <span className="min-w-0 flex-1 truncate">{invite.email ?? t('anyone')}</span>
        <span className="text-muted">{t(invite.role)}</span>
        <span className="hidden text-subtle sm:inline">
          {t('expires')} <Time iso={invite.expires_at} />
        </span>
        <IconButton
          size="sm"
          label={t('revoke', { name: invite.email ?? t('anyone') })}
          icon={<X aria-hidden className="size-4" />}
          onClick={() => {
            if (!revoke.isPending) revoke.mutate();
          }}
        />
      </div>
      {revoke.error ? <ErrorPanel error={revoke.error} /> : null}
    </li>
  );
}

export function InviteList() {
  const t = useT(messages);
  const invites = useQuery(invitesQuery);
  const open = invites.data ?? [];
  if (open.length === 0 && !invites.error) return null;
  return (
    <Card title={t('invites')}>
      {invites.error ? (
        <ErrorPanel error={invites.error} onRetry={() => void invites.refetch()} />
      ) : null}
      <ul className="divide-y divide-line">
        {open.map((invite) => (
          <OpenInvite key={invite.id} invite={invite} />
        ))}
      </ul>
    </Card>
  );
}
