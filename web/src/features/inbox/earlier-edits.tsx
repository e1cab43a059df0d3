import { useSession } from '@/api/resources';
import type { ActionDecision, InboxDetail } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Button } from '@/ui';
import { ArgumentsDiff } from './arguments-diff';
import { destroyMessages } from './destroy-messages';
import { changes } from './schema-fields';
import type { Arguments } from './use-arguments';

/** The edits that somebody has approved while others still have to. */
export interface EarlierEdits {
  by: InboxDetail['decisions'][number]['by'];
  decision: ActionDecision;
}

/** What the last of those who approved made of an action; null where they left it as it was. */
export function earlierEdits(request: InboxDetail, action: string): EarlierEdits | null {
  if (request.status !== 'pending') return null;
  const last = request.decisions.findLast(({ type }) => type === 'approve' || type === 'edit');
  const decision = last?.decisions.find(({ action_id: id }) => id === action);
  return last && decision?.type === 'edit' ? { by: last.by, decision } : null;
}

interface Props {
  earlier: EarlierEdits;
  args: Arguments;
  /** This person may decide. */
  open: boolean;
}

/** Another approval counts for the very same call only: it is shown, and can be taken over. */
export function EarlierEditsNote({ earlier, args, open }: Props) {
  const t = useT(destroyMessages);
  const me = useSession().user.id;
  const { by, decision } = earlier;
  const same = changes(args.value, decision.args).length === 0;
  return (
    <div className="flex flex-col items-start gap-2">
      <div className="w-full">
        <ArgumentsDiff
          changed={changes(args.action.args, decision.args)}
          fields={args.fields}
          label={t('approvedEdits')}
        />
      </div>
      {open && by.id !== me && !same ? (
        <Button size="sm" onClick={() => args.putJson(JSON.stringify(decision.args))}>
          {t('takeOver')}
        </Button>
      ) : null}
    </div>
  );
}

/** Says so at the top, before the preview of what was proposed. */
export function EarlierEditsLine({ earlier }: { earlier: EarlierEdits }) {
  const t = useT(destroyMessages);
  const me = useSession().user.id;
  const { by } = earlier;
  return (
    <p className="text-sm text-warning">
      {by.id === me ? t('approvedByYou') : t('approvedAs', { name: by.name })}
    </p>
  );
}
