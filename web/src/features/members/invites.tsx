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

export function InviteList() {
  const t = useT(messages);
  const queryClient = useQueryClient();
  const invites = useQuery(invitesQuery).data ?? [];
  const revoke = useMutation({
    mutationFn: revokeInvite,
    onSettled: () => queryClient.invalidateQueries({ queryKey: invitesQuery.queryKey }),
  });
  if (invites.length === 0) return null;
  return (
    <Card title={t('invites')}>
      <ul className="divide-y divide-line">
        {invites.map((invite) => (
          <li key={invite.id} className="flex min-h-row items-center gap-3 py-1 text-sm">
            <span className="min-w-0 flex-1 truncate">{invite.email ?? t('anyone')}</span>
            <span className="text-muted">{t(invite.role)}</span>
            <span className="hidden text-subtle sm:inline">
              {t('expires')} <Time iso={invite.expires_at} />
            </span>
            <IconButton
              size="sm"
              label={t('revoke', { name: invite.email ?? t('anyone') })}
              icon={<X aria-hidden className="size-4" />}
              onClick={() => revoke.mutate(invite.id)}
            />
          </li>
        ))}
      </ul>
      {revoke.error ? <ErrorPanel error={revoke.error} /> : null}
    </Card>
  );
}
