import { useState } from 'react';
import type { ActionDecision, InboxDetail, RequestAction } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Button, toast } from '@/ui';
import { ConfirmDestructive } from './confirm-destructive';
import { destroyMessages } from './destroy-messages';
import { messages } from './detail-messages';
import { HandlingMenu } from './handling';
import { isNotice } from './notice';
import { useSend, type Verdict, type Verdicts } from './use-decision';
import { mayDestroy, refusedLook, useLooks, type Look } from './use-looks';

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

interface Confirming {
  decisions: ActionDecision[];
  looks: readonly Look[];
}

/** Sends decisions; what destroys, also by an edit, is confirmed first. */
function useConfirmedSend({ request, verdicts }: DecisionBarProps) {
  const t = useT(destroyMessages);
  const mutation = useSend(request);
  const look = useLooks(request);
  const [confirming, setConfirming] = useState<Confirming | null>(null);
  const decided = (decisions: ActionDecision[], looks: readonly Look[]) => {
    const refused = refusedLook(looks);
    const approves = decisions.some(({ type }) => type === 'approve' || type === 'edit');
    if (refused) {
      const detail = [refused.refused, refused.hint].filter(Boolean).join(' ');
      toast({ title: t('editRefused'), detail, tone: 'danger' });
    } else if (approves && (request.risk === 'destructive' || looks.some(mayDestroy)))
      setConfirming({ decisions, looks });
    else mutation.mutate(decisions);
  };
  const submit = (type?: Verdict['type']) => {
    const decisions = verdicts.all(type);
    const edits = decisions.filter((decision) => decision.type === 'edit');
    if (edits.length === 0) decided(decisions, []);
    else look.mutate(edits, { onSuccess: (looks) => decided(decisions, looks) });
  };
  const send: Send = { isPending: mutation.isPending || look.isPending, submit };
  return { send, confirming, setConfirming, confirm: mutation.mutate };
}

/** Approve, edit, respond, reject; of several actions all decisions are sent together. */
export function DecisionBar(props: DecisionBarProps) {
  const { request, inline } = props;
  const t = useT(messages);
  const { send, confirming, setConfirming, confirm } = useConfirmedSend(props);
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
          looks={confirming.looks}
          onClose={() => setConfirming(null)}
          onConfirm={() => {
            setConfirming(null);
            confirm(confirming.decisions);
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
