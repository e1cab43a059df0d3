import { Link } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useRef } from 'react';
import { useSession } from '@/api/resources';
import type { ActionDecision, InboxDetail } from '@/api/types';
import { formatAbsolute, formatRelative } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Chip, Time } from '@/ui';
import { Markdown } from '@/ui/markdown';
import { ActionCard } from './action-card';
import type { SqlSlot } from './arguments-form';
import { DecisionBar } from './decision-bar';
import { messages } from './detail-messages';
import { earlierEdits, EarlierEditsLine, type EarlierEdits } from './earlier-edits';
import { EditedPreview } from './edited-preview';
import { isSoon } from './due';
import { History } from './history';
import { RiskChip } from './looks';
import { isNotice } from './notice';
import { Outcome } from './outcome';
import { Preview } from './preview';
import { useVerdicts, type Verdicts } from './use-decision';

/** The chat that asked; other people's stay theirs. */
function ownThread({ owner, agent, run_id: run, thread_id: thread }: InboxDetail, me: string) {
  const mine = owner === null || owner.id === me;
  return mine && agent && run ? thread : null;
}

function Links({ request }: { request: InboxDetail }) {
  const t = useT(messages);
  const me = useSession().user.id;
  const { agent, run_id: run } = request;
  const thread = ownThread(request, me);
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm text-muted">
      <RiskChip risk={request.risk} />
      {agent ? <span>{agent.name}</span> : null}
      {request.source ? <span>{request.source.name}</span> : null}
      <Time iso={request.created_at} />
      {request.expires_at && request.status === 'pending' ? (
        <span
          className={isSoon(request.expires_at) ? 'text-warning' : undefined}
          title={formatAbsolute(request.expires_at)}
        >
          {t('due', { time: formatRelative(request.expires_at) })}
        </span>
      ) : null}
      {run ? (
        <Link to="/runs/$run" params={{ run }} className="text-accent hover:underline">
          {t('openRun')}
        </Link>
      ) : null}
      {thread ? (
        <Link to="/chats/$thread" params={{ thread }} className="text-accent hover:underline">
          {t('openThread')}
        </Link>
      ) : null}
    </div>
  );
}

function Why({ request }: { request: InboxDetail }) {
  const t = useT(messages);
  const { reason, rule, description } = request;
  if (!reason && !rule && !description) return null;
  return (
    <section className="flex flex-col gap-2">
      <h2 className="text-title-sm">{t(isNotice(request) ? 'ended' : 'why')}</h2>
      {description ? <Markdown text={description} /> : null}
      {reason ? (
        <blockquote className="border-l-2 border-line pl-3 text-muted">{reason}</blockquote>
      ) : null}
      {rule ? <p className="text-sm text-muted">{rule}</p> : null}
    </section>
  );
}

function Similar({ request }: { request: InboxDetail }) {
  const t = useT(messages);
  if (request.similar.length === 0) return null;
  return (
    <section className="flex flex-col gap-2">
      <h2 className="text-title-sm">{t('similar')}</h2>
      <ul className="flex flex-col gap-3 text-sm">
        {request.similar.map((other) => (
          <li key={other.id} className="flex flex-col gap-0.5">
            <Link
              to="/inbox/$request"
              params={{ request: other.id }}
              className="break-words hover:underline"
            >
              {other.title}
            </Link>
            <span className="flex flex-wrap items-center gap-x-2 gap-y-0.5 text-xs text-subtle">
              <Chip>{t(`status_${other.status}`)}</Chip>
              <span>
                {other.decided_by} · <Time iso={other.decided_at} />
              </span>
              {other.message ? <span className="text-muted">{other.message}</span> : null}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function EditedPreviews({ request, verdicts }: { request: InboxDetail; verdicts: Verdicts }) {
  if (request.preview === null) return null;
  // An answer is no edit of the call, and is not looked at as one.
  const edited = request.actions.filter((action) => {
    const verdict = verdicts.of(action);
    return verdict.edited && verdict.type !== 'respond';
  });
  return edited.map((action) => (
    <EditedPreview
      key={action.id}
      request={request}
      action={action}
      args={verdicts.of(action).args}
      valid={verdicts.of(action).valid}
    />
  ));
}

/** What was decided about an action; the last word where several people had to agree. */
function decisionOn(request: InboxDetail, action: string): ActionDecision | null {
  const made = request.decisions.flatMap(({ decisions }) => decisions);
  return made.findLast(({ action_id: id }) => id === action) ?? null;
}

interface AgreementProps {
  request: InboxDetail;
  earlier: EarlierEdits | undefined;
}

/** Where several people must approve: how many have, and what. */
function Agreement({ request, earlier }: AgreementProps) {
  const t = useT(messages);
  const { requires, approvals, status } = request;
  return (
    <>
      {requires > 1 && status === 'pending' ? (
        <p className="text-sm">{t('approvals', { have: approvals, need: requires })}</p>
      ) : null}
      {earlier ? <EarlierEditsLine earlier={earlier} /> : null}
    </>
  );
}

export interface RequestBodyProps {
  request: InboxDetail;
  sql: SqlSlot;
  /** In a chat: no similar decisions, no history. */
  inline?: boolean;
  /** What was pressed in the list: go there. */
  intent?: 'edit' | 'respond' | null;
}

/** A request from top to bottom: what, why, what it would do, arguments, decision. */
export function RequestBody({ request, sql, inline = false, intent = null }: RequestBodyProps) {
  const verdicts = useVerdicts(request);
  const box = useRef<HTMLDivElement>(null);
  const open = request.status === 'pending' && request.may_decide;
  const edit = () =>
    box.current
      ?.querySelector<HTMLElement>('[data-actions] :is(input, textarea, select, .cm-content)')
      ?.focus();
  const follow = useEffectEvent(() => {
    const [action] = request.actions;
    if (intent === 'respond' && action?.allow.respond) verdicts.change(action, { type: 'respond' });
    if (intent === 'edit') edit();
  });
  useEffect(() => follow(), [intent]);
  const [earlier] = request.actions.flatMap(({ id }) => earlierEdits(request, id) ?? []);
  return (
    <div ref={box} className="flex min-w-0 flex-col gap-6">
      <Outcome request={request} />
      {inline ? (
        <span className="flex empty:hidden">
          <RiskChip risk={request.risk} />
        </span>
      ) : (
        <Links request={request} />
      )}
      <Agreement request={request} earlier={earlier} />
      <Why request={request} />
      <Preview
        preview={request.preview}
        actions={request.actions}
        pending={request.status === 'pending' && !earlier}
      />
      <div data-actions="" className="flex flex-col gap-4 empty:hidden">
        {request.actions.map((action) => (
          <ActionCard
            key={`${action.id}-${request.revision}`}
            action={action}
            verdicts={verdicts}
            open={open}
            several={request.actions.length > 1}
            sql={sql}
            showArgs={request.kind === 'approval' || action.allow.edit}
            said={request.description}
            source={request.source}
            decision={request.status === 'pending' ? null : decisionOn(request, action.id)}
            earlier={earlierEdits(request, action.id)}
          />
        ))}
      </div>
      {open ? <EditedPreviews request={request} verdicts={verdicts} /> : null}
      {inline ? null : (
        <>
          <Similar request={request} />
          <History request={request} />
        </>
      )}
      {request.status === 'pending' ? (
        <DecisionBar request={request} verdicts={verdicts} onEdit={edit} inline={inline} />
      ) : null}
    </div>
  );
}
