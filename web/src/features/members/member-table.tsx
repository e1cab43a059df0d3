import { useMutation, useQueryClient } from '@tanstack/react-query';
import { UserMinus } from 'lucide-react';
import { useState } from 'react';
import { errorTitle } from '@/api/client';
import { membersQuery, sessionQuery, useCan, useSession } from '@/api/resources';
import type { Member } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Confirm, IconButton, Select, Table, Time, toast, type TableColumn } from '@/ui';
import { Avatar } from '@/ui/avatar';
import { removeMember, setRole } from './api';
import { messages } from './messages';
import { grantable, ROLES, toRole } from './roles';

function RoleCell({ member }: { member: Member }) {
  const t = useT(messages);
  const can = useCan();
  const { role: mine, user } = useSession();
  const queryClient = useQueryClient();
  const change = useMutation({
    mutationFn: (role: string) => setRole(member.id, toRole(role)),
    // One after the other: what was chosen last is what stays.
    scope: { id: `role-${member.id}` },
    onSettled: () => {
      const own = member.user.id === user.id;
      return Promise.all([
        queryClient.invalidateQueries({ queryKey: membersQuery.queryKey }),
        own ? queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey }) : null,
      ]);
    },
    onError: (error) => {
      const detail = error.message === errorTitle(error) ? undefined : error.message;
      toast({ tone: 'danger', title: errorTitle(error), ...(detail ? { detail } : {}) });
    },
  });
  const allowed = grantable(mine);
  if (!can('member:manage') || !allowed.includes(member.role)) return t(member.role);
  return (
    <Select
      className="w-36!"
      aria-label={t('roleOf', { name: member.user.name })}
      value={change.isPending ? change.variables : member.role}
      aria-busy={change.isPending || undefined}
      onChange={(role) => change.mutate(role)}
      options={ROLES.filter((role) => allowed.includes(role)).map((role) => ({
        value: role,
        label: t(role),
      }))}
    />
  );
}

function Person({ member, self }: { member: Member; self: boolean }) {
  const t = useT(messages);
  return (
    <span className="flex min-w-0 items-center gap-2.5 py-1">
      <Avatar name={member.user.name} />
      <span className="min-w-0">
        <span className="block font-strong break-words">
          {member.user.name}
          {self ? <span className="font-normal text-subtle"> · {t('you')}</span> : null}
        </span>
        <span className="block text-xs break-all text-subtle">{member.user.email}</span>
      </span>
    </span>
  );
}

export function MemberTable({ members }: { members: Member[] }) {
  const t = useT(messages);
  const can = useCan();
  const { role: mine, user } = useSession();
  const queryClient = useQueryClient();
  const [leaving, setLeaving] = useState<Member | null>(null);
  const columns: TableColumn<Member>[] = [
    {
      key: 'name',
      header: t('name'),
      cell: (member) => <Person member={member} self={member.user.id === user.id} />,
    },
    { key: 'role', header: t('role'), cell: (member) => <RoleCell member={member} /> },
    {
      key: 'active',
      header: t('lastActive'),
      wide: true,
      cell: (member) => (
        <span className="text-muted">
          {member.last_active_at ? <Time iso={member.last_active_at} /> : t('never')}
        </span>
      ),
    },
  ];
  if (can('member:manage')) {
    columns.push({
      key: 'actions',
      header: t('actions'),
      quiet: true,
      align: 'right',
      cell: (member) =>
        member.user.id === user.id || !grantable(mine).includes(member.role) ? null : (
          <IconButton
            size="sm"
            label={t('remove', { name: member.user.name })}
            icon={<UserMinus aria-hidden className="size-4" />}
            onClick={() => setLeaving(member)}
          />
        ),
    });
  }
  return (
    <>
      <Table label={t('title')} columns={columns} rows={members} rowKey={(member) => member.id} />
      {leaving ? (
        <Confirm
          open
          title={t('removeTitle', { name: leaving.user.name })}
          action={t('removeAction')}
          onConfirm={async () => {
            await removeMember(leaving.id);
            await queryClient.invalidateQueries({ queryKey: membersQuery.queryKey });
          }}
          onClose={() => setLeaving(null)}
        >
          <p>{t('removeBody')}</p>
        </Confirm>
      ) : null}
    </>
  );
}
