import { useEffect } from 'react';
import type { ActionDecision, JsonSchema, RequestAction } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Field, Select, Textarea } from '@/ui';
import { Markdown } from '@/ui/markdown';
import { ArgumentsDiff } from './arguments-diff';
import { ArgumentsForm, type Named, type SqlSlot } from './arguments-form';
import { messages } from './detail-messages';
import { EarlierEditsNote, type EarlierEdits } from './earlier-edits';
import { shownText } from './preview-block';
import { changes, isObject } from './schema-fields';
import { useArguments } from './use-arguments';
import type { Verdict, Verdicts } from './use-decision';

export interface ActionCardProps {
  action: RequestAction;
  verdicts: Verdicts;
  /** Somebody may still decide, and this person may. */
  open: boolean;
  /** One of several: each gets its own decision. */
  several: boolean;
  sql: SqlSlot;
  /** The arguments are what is decided; those of a question only repeat what it says. */
  showArgs: boolean;
  /** What the page says above already. */
  said: string;
  /** Its source, which an argument may name. */
  source: Named | null;
  /** What was decided about it, if somebody did. */
  decision: ActionDecision | null;
  /** What somebody has approved of it while others still have to. */
  earlier: EarlierEdits | null;
}

const TYPES = ['approve', 'respond', 'reject'] as const;

function Choice({ action, verdicts }: Pick<ActionCardProps, 'action' | 'verdicts'>) {
  const t = useT(messages);
  return (
    <Select
      aria-label={t('decisionFor', { name: action.title ?? action.name })}
      className="w-auto"
      value={verdicts.of(action).type}
      options={TYPES.filter((type) => action.allow[type]).map((type) => ({
        value: type,
        label: t(type),
      }))}
      onChange={(type) => verdicts.change(action, { type: type as Verdict['type'] })}
    />
  );
}

function Words({ action, verdicts }: Pick<ActionCardProps, 'action' | 'verdicts'>) {
  const t = useT(messages);
  const verdict = verdicts.of(action);
  const respond = verdict.type === 'respond';
  return (
    <Field
      label={t(respond ? 'respondLabel' : 'rejectReason')}
      help={respond && action.allow.approve ? t('respondHelp') : undefined}
      optional={!respond}
    >
      {(control) => (
        <Textarea
          {...control}
          data-respond=""
          value={verdict.message}
          onChange={(event) => verdicts.change(action, { message: event.target.value })}
        />
      )}
    </Field>
  );
}

/** An answer that is more than text: the form of its schema. */
function AnswerForm({
  action,
  verdicts,
  sql,
}: Pick<ActionCardProps, 'action' | 'verdicts' | 'sql'>) {
  const { schema, unwrap, single } = answerSchema(action.response_schema);
  const answer = useArguments({ ...action, args: {}, args_schema: schema });
  const value = unwrap(answer.value);
  const complete = answer.valid && value !== undefined;
  useReport(value, true, complete, (change) => verdicts.change(action, change));
  return <ArgumentsForm args={answer} editable sql={sql} single={single} />;
}

/** A form has named fields; an answer that is one value gets a field of its own. */
function answerSchema(schema: JsonSchema | null) {
  if (schema === null || schema.type === 'object' || schema.properties)
    return { schema, unwrap: (value: unknown) => value, single: false };
  const wrapped = { type: 'object', properties: { answer: schema }, required: ['answer'] };
  return {
    schema: wrapped,
    unwrap: (value: unknown) => (isObject(value) ? value.answer : undefined),
    single: true,
  };
}

function useReport(
  args: unknown,
  edited: boolean,
  valid: boolean,
  report: (change: Partial<Verdict>) => void,
) {
  const text = JSON.stringify(args ?? null);
  useEffect(() => {
    report({ args, edited, valid });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the text stands for the value; the callback is a new one each time
  }, [text, edited, valid]);
}

type CallProps = Omit<ActionCardProps, 'several' | 'showArgs' | 'said'>;

/** The arguments as they were approved, and what of them a person had changed. */
function EditedCall({ action, sql, source, decided }: CallProps & { decided: unknown }) {
  const t = useT(messages);
  const args = useArguments({ ...action, args: decided });
  return (
    <>
      <ArgumentsForm args={args} editable={false} sql={sql} known={source} />
      <ArgumentsDiff
        changed={changes(action.args, decided)}
        fields={args.fields}
        label={t('changed')}
      />
    </>
  );
}

function Call(props: CallProps) {
  const { decision } = props;
  if (decision?.type === 'edit') return <EditedCall {...props} decided={decision.args} />;
  return <AskedCall {...props} />;
}

function AskedCall({ action, verdicts, open, sql, source, earlier }: CallProps) {
  const args = useArguments(action);
  useReport(args.value, args.changed.length > 0, args.valid, (change) =>
    verdicts.change(action, change),
  );
  if (action.args === null || JSON.stringify(action.args) === '{}') return null;
  return (
    <>
      {earlier ? <EarlierEditsNote earlier={earlier} args={args} open={open} /> : null}
      <ArgumentsForm args={args} editable={open && action.allow.edit} sql={sql} known={source} />
    </>
  );
}

/** What goes into the card: an answer's form, or the arguments and words about them. */
function Inside(props: ActionCardProps) {
  const { action, verdicts, open, several, sql } = props;
  const { type } = verdicts.of(action);
  const form = action.response_schema !== null;
  if (open && type === 'respond' && form)
    return <AnswerForm action={action} verdicts={verdicts} sql={sql} />;
  const words = type === 'respond' || (several && type === 'reject');
  return (
    <>
      {props.showArgs ? <Call {...props} /> : null}
      {open && words ? <Words action={action} verdicts={verdicts} /> : null}
    </>
  );
}

/** What a person answered, or why they rejected; null where nothing was said. */
function Said({ decision }: { decision: ActionDecision }) {
  const t = useT(messages);
  const said = decision.message ?? (decision.type === 'respond' ? shownText(decision.args) : null);
  if (!said) return null;
  return (
    <div className="flex flex-col gap-0.5">
      <h3 className="text-xs text-subtle">
        {t(decision.type === 'respond' ? 'answered' : 'because')}
      </h3>
      <p className="text-sm break-words whitespace-pre-wrap">{said}</p>
    </div>
  );
}

/** A question and a notice are no calls: the page says what they are, and a card only takes an answer. */
const isCall = ({ name }: RequestAction) => name !== 'request_human' && name !== 'acknowledge';

function isEmpty({ action, verdicts, open, decision }: ActionCardProps) {
  const said = decision !== null && (decision.message ?? decision.type === 'respond');
  return !isCall(action) && !said && !(open && verdicts.of(action).type === 'respond');
}

/** One thing that is asked for: what it is, with which arguments, and what it is to get. */
export function ActionCard(props: ActionCardProps) {
  const { action, verdicts, open, several, decision } = props;
  if (isEmpty(props)) return null;
  return (
    <section className="flex flex-col gap-3 rounded-lg border border-line bg-surface p-4 shadow-card">
      {isCall(action) ? (
        <header className="flex flex-wrap items-center justify-between gap-2">
          <h2 className="min-w-0 text-title-sm break-words">{action.title ?? action.name}</h2>
          {open && several ? <Choice action={action} verdicts={verdicts} /> : null}
        </header>
      ) : null}
      {action.description && action.description !== props.said ? (
        <Markdown text={action.description} />
      ) : null}
      <Inside {...props} />
      {decision ? <Said decision={decision} /> : null}
    </section>
  );
}
