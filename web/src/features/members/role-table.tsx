import type { Role } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Card } from '@/ui';
import { messages } from './messages';
import { ROLES } from './roles';

/** What each role can do, in one sentence each. */
export function RoleTable() {
  const t = useT(messages);
  const note = (role: Role) => t(`${role}Can`);
  return (
    <Card title={t('roles')}>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-2 text-sm">
        {ROLES.map((role) => (
          <div key={role} className="contents">
            <dt className="font-strong">{t(role)}</dt>
            <dd className="text-muted">{note(role)}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
