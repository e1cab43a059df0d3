import { useState } from 'react';
import type { InboxDetail, RequestAction } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Button } from '@/ui';
import { ConfirmDestructive } from './confirm-destructive';
import { messages } from './detail-messages';
import { HandlingMenu } from './handling';
import { isNotice } from './notice';
import { useSend, type Verdict, type Verdicts } from './use-decision';

export interface DecisionBarProps {
  request: InboxDetail;
  verdicts: Verdicts;
  /** Brings the first field of the arguments into view. */
  onEdit: () => void;
  /** In a chat the bar stands in the card, not at the bottom of the page. */
  inline?: boolean;
}

type OneProps = DecisionBarProps & { send: Send; action: RequestAction };

/** The decision itself: approve, or send the words that were typed. */
function Main({ request, action, verdicts, send }: OneProps) {
  const t = useT(messages);
  const verdict = verdicts.of(action);
  const form = action.response_schema !== null;
  if (verdict.type === 'respond')
    return (
      <Button
        variant="primary"
        disabled={form ? !verdict.valid : verdict.message.trim() === ''}
        loading={send.isPending}
        onClick={() => send.submit('respond')}
      >
        {t('sendResponse')}
      </Button>
    );
  if (!action.allow.approve) return null;
  const approve = isNotice(request) ? 'markDone' : 'approve';
  return (
    <Button
      variant="primary"
      disabled={!verdicts.valid}
      loading={send.isPending}
      onClick={() => send.submit('approve')}
    >
      {t(verdicts.edited ? 'approveEdits' : approve)}
    </Button>
  );
}

/** Buttons for a single action; each one decides at once. */
function Single(props: OneProps) {
  const t = useT(messages);
  const { action, verdicts, onEdit, send } = props;
  const { allow } = action;
  const responding = verdicts.of(action).type === 'respond';
  return (
    <>
      <Main {...props} />
      {allow.edit && !responding ? <Button onClick={onEdit}>{t('edit')}</Button> : null}
      {allow.respond && allow.approve ? (
        <Button
          aria-pressed={responding}
          onClick={() => verdicts.change(action, { type: responding ? 'approve' : 'respond' })}
        >
          {t(responding ? 'cancel' : 'respond')}
        </Button>
      ) : null}
      {allow.reject ? (
        <Button variant="danger" onClick={() => send.submit('reject')}>
          {t('reject')}
        </Button>
      ) : null}
    </>
  );
}

interface Send {
  isPending: boolean;
  submit: (type?: Verdict['type']) => void;
}

/** Approve, edit, respond, reject; of several actions all decisions are sent together. */
export function DecisionBar(props: DecisionBarProps) {
  const { request, verdicts, inline } = props;
  const t = useT(messages);
  const mutation = useSend(request);
  const [confirming, setConfirming] = useState<Verdict['type'] | 'all' | null>(null);
  const go = (type?: Verdict['type']) => mutation.mutate(verdicts.all(type));
  const approves = (type?: Verdict['type']) =>
    verdicts.all(type).some((decision) => decision.type === 'approve' || decision.type === 'edit');
  const submit = (type?: Verdict['type']) => {
    if (request.risk === 'destructive' && approves(type)) setConfirming(type ?? 'all');
    else go(type);
  };
  const send: Send = { isPending: mutation.isPending, submit };
  return (
    <div
      data-testid="decision-bar"
      className={
        inline
          ? 'flex flex-wrap items-center gap-2'
          : 'sticky bottom-0 z-10 -mx-4 flex flex-wrap items-center gap-1.5 border-t border-line bg-surface px-4 py-3 sm:-mx-8 sm:gap-2 sm:px-8'
      }
    >
      {request.may_decide ? (
        <Buttons {...props} send={send} />
      ) : (
        <p className="mr-auto text-sm text-muted">
          {t(request.excludes_owner ? 'mayNotOwner' : 'mayNot')}
        </p>
      )}
      {inline ? null : <HandlingMenu request={request} />}
      {confirming === null ? null : (
        <ConfirmDestructive
          request={request}
          onClose={() => setConfirming(null)}
          onConfirm={() => {
            setConfirming(null);
            go(confirming === 'all' ? undefined : confirming);
          }}
        />
      )}
    </div>
  );
}

function Buttons(props: DecisionBarProps & { send: Send }) {
  const t = useT(messages);
  const { request, verdicts, send } = props;
  const [action] = request.actions;
  if (!action) return null;
  if (request.actions.length < 2) return <Single {...props} action={action} />;
  return (
    <Button
      variant="primary"
      disabled={!verdicts.valid}
      loading={send.isPending}
      onClick={() => send.submit()}
    >
      {t('sendDecisions')}
    </Button>
  );
}
