import { CircleAlert, CircleCheck, CircleDashed, CircleX } from 'lucide-react';
import type { SourceTest, TestStep, TestStepName, WeakRole } from '@/api/types';
import { cx } from '@/lib/cx';
import { formatDuration } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { CopyButton, Spinner } from '@/ui';
import { addMessages } from './add-messages';

const ORDER: TestStepName[] = ['resolve', 'connect', 'tls', 'sign_in', 'list_schemas', 'read_only'];

type StepState = 'stepOk' | 'stepFailed' | 'stepSkipped' | 'stepWaiting';

function stateOf(step: TestStep | undefined, running: boolean): StepState {
  if (running) return 'stepWaiting';
  if (step?.ok === true) return 'stepOk';
  return step?.ok === false ? 'stepFailed' : 'stepSkipped';
}

const LOOK: Record<StepState, { Icon: typeof CircleCheck; tone: string }> = {
  stepOk: { Icon: CircleCheck, tone: 'text-success' },
  stepFailed: { Icon: CircleX, tone: 'text-danger' },
  stepSkipped: { Icon: CircleDashed, tone: 'text-subtle' },
  stepWaiting: { Icon: CircleDashed, tone: 'text-subtle' },
};

function StepIcon({ state, first }: { state: StepState; first: boolean }) {
  const { Icon, tone } = LOOK[state];
  if (state !== 'stepWaiting' || !first) {
    return <Icon aria-hidden className={cx('mt-0.5 size-4 shrink-0', tone)} />;
  }
  return (
    <span className="mt-0.5 text-subtle">
      <Spinner />
    </span>
  );
}

function StepNotes({ step }: { step: TestStep }) {
  const advice = step.ok === false ? step.advice : null;
  return (
    <>
      {step.detail ? <p className="text-xs break-words text-muted">{step.detail}</p> : null}
      {advice ? <p className="mt-0.5 text-xs font-strong">{advice}</p> : null}
    </>
  );
}

interface StepProps {
  name: TestStepName;
  step: TestStep | undefined;
  running: boolean;
}

function Step({ name, step, running }: StepProps) {
  const t = useT(addMessages);
  const state = stateOf(step, running);
  const quiet = state === 'stepSkipped' || state === 'stepWaiting';
  return (
    <li data-state={state} className="flex gap-2.5 py-1.5 text-sm">
      <StepIcon state={state} first={name === 'resolve'} />
      <div className="min-w-0 flex-1">
        <p className={quiet ? 'text-subtle' : undefined}>
          {t(name)}
          <span className={quiet ? 'text-xs' : 'sr-only'}> · {t(state)}</span>
        </p>
        {step ? <StepNotes step={step} /> : null}
      </div>
      {step && !quiet ? (
        <span className="nums text-xs text-subtle">{formatDuration(step.elapsed_ms)}</span>
      ) : null}
    </li>
  );
}

/** The connection test, one line per step, in the order they are tried. */
export function TestSteps({ result, running }: { result?: SourceTest; running: boolean }) {
  const t = useT(addMessages);
  const known = new Map(result?.steps.map((step) => [step.name, step]));
  // A source without a network has fewer steps: only what was reported is shown.
  const names = running ? ORDER : ORDER.filter((name) => known.has(name));
  return (
    <div aria-live="polite" aria-busy={running}>
      <ol aria-label={t('steps')} className="divide-y divide-line">
        {names.map((name) => (
          <Step key={name} name={name} step={known.get(name)} running={running} />
        ))}
      </ol>
    </div>
  );
}

/** The account may write: red, with the SQL that makes one that cannot. */
export function WeakRolePanel({ weak }: { weak: WeakRole }) {
  const t = useT(addMessages);
  return (
    <section
      role="alert"
      className="flex flex-col gap-2 rounded-lg border border-danger bg-danger-soft p-4 text-sm"
    >
      <p className="flex items-center gap-2 font-strong text-danger">
        <CircleAlert aria-hidden className="size-4 shrink-0" />
        {t('weakTitle')}
      </p>
      <ul className="list-disc pl-6">
        {weak.reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      <p>{t('weakBody')}</p>
      <pre
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolls with the arrow keys
        tabIndex={0}
        className="max-h-60 overflow-auto rounded-sm border border-line bg-surface p-3 text-xs"
      >
        {weak.fix_sql}
      </pre>
      <div>
        <CopyButton label={t('copySql')} text={weak.fix_sql} />
      </div>
    </section>
  );
}
