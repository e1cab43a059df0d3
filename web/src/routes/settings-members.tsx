import { useQuery } from '@tanstack/react-query';
import { UserPlus } from 'lucide-react';
import { useState } from 'react';
import { membersQuery, useCan } from '@/api/resources';
import { InviteDialog, InviteList, MemberTable, messages, RoleTable } from '@/features/members';
import { useT } from '@/lib/i18n';
import { Button, ErrorPanel, Page, SkeletonRows } from '@/ui';

export function MembersPage() {
  const t = useT(messages);
  const can = useCan();
  const members = useQuery(membersQuery);
  const [inviting, setInviting] = useState(false);
  const manage = can('member:manage');
  const invite = (
    <Button
      variant="primary"
      icon={<UserPlus aria-hidden className="size-4" />}
      onClick={() => setInviting(true)}
    >
      {t('invite')}
    </Button>
  );
  return (
    <Page title={t('title')} description={t('lead')} actions={manage ? invite : null}>
      {members.isPending ? <SkeletonRows label={t('loading')} /> : null}
      {members.error ? (
        <ErrorPanel error={members.error} onRetry={() => void members.refetch()} />
      ) : null}
      {members.data ? <MemberTable members={members.data} /> : null}
      {manage ? <InviteList /> : null}
      <RoleTable />
      {inviting ? <InviteDialog onClose={() => setInviting(false)} /> : null}
    </Page>
  );
}
