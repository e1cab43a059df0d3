import { CircleHelp, Compass, CornerDownRight, Lock, SearchX, Split } from 'lucide-react';
import type { RefusalData, RefusalReason } from '@/api/answer-parts';
import type { Citation } from '@/api/parts';
import { useT } from '@/lib/i18n';
import { Button } from '@/ui';
import { CitedText } from './cited-text';
import { extraMessages } from './extra-messages';

const ICONS: Record<RefusalReason, typeof Lock> = {
  unanswerable: CircleHelp,
  ambiguous: Split,
  out_of_scope: Compass,
  not_permitted: Lock,
  untraced: SearchX,
};

interface RefusalCardProps {
  refusal: RefusalData;
  /** Further questions that can be asked. */
  others: readonly string[];
  cites: readonly Citation[];
  onAsk: ((question: string) => void) | null;
  onUpdate: (() => void) | null;
}

interface InsteadProps {
  label: string;
  question: string;
  onAsk: RefusalCardProps['onAsk'];
}

/** A question that can be answered, to be asked at a click where anything can be asked. */
function Instead({ label, question, onAsk }: InsteadProps) {
  if (onAsk === null) return <p className="text-sm text-subtle">{label}</p>;
  return (
    <Button
      size="sm"
      className="h-auto! max-w-full py-1 text-left whitespace-normal!"
      icon={<CornerDownRight aria-hidden className="size-3.5 shrink-0" />}
      onClick={() => onAsk(question)}
    >
      {label}
    </Button>
  );
}

/** Why there is no answer, and what can be asked instead; nothing went wrong. */
export function RefusalCard({ refusal, others, cites, onAsk, onUpdate }: RefusalCardProps) {
  const t = useT(extraMessages);
  const { reason, explanation, nearest } = refusal;
  const Icon = ICONS[reason];
  const within = cites.filter(({ end }) => end <= explanation.length);
  return (
    <section
      data-testid="refusal-card"
      data-reason={reason}
      aria-label={t(reason)}
      className="flex max-w-[45rem] gap-3 rounded-lg border border-line bg-sunken px-4 py-3.5"
    >
      <Icon aria-hidden className="mt-0.5 size-4.5 shrink-0 text-subtle" />
      <div className="flex min-w-0 flex-col items-start gap-2">
        <h3 className="font-strong">{t(reason)}</h3>
        <div className="min-w-0 text-muted">
          <CitedText text={explanation} cites={within} onUpdate={onUpdate} />
        </div>
        {nearest && (
          <Instead
            label={t('askInstead', { question: nearest })}
            question={nearest}
            onAsk={onAsk}
          />
        )}
        {others.map((question) => (
          <Instead key={question} label={question} question={question} onAsk={onAsk} />
        ))}
      </div>
    </section>
  );
}
