import { CornerDownRight, Pencil } from 'lucide-react';
import { useEffect, useId, type MouseEvent } from 'react';
import { useT } from '@/lib/i18n';
import { IconButton } from '@/ui';
import { extraMessages } from './extra-messages';

/** `Alt` with a digit; what the key types with it differs between keyboards. */
const DIGIT = /^(?:Digit|Numpad)([1-9])$/;

interface FollowUpsProps {
  questions: readonly string[];
  onAsk: (question: string) => void;
  /** Puts a question into the composer. */
  onEdit: (question: string) => void;
}

/** Questions to go on with: a click asks, the pencil or Alt and a click lets one change them. */
export default function FollowUps({ questions, onAsk, onEdit }: FollowUpsProps) {
  const t = useT(extraMessages);
  const id = useId();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const digit = event.altKey && !event.ctrlKey && !event.metaKey && DIGIT.exec(event.code);
      const question = digit ? questions[Number(digit[1]) - 1] : undefined;
      if (question === undefined) return;
      event.preventDefault();
      onAsk(question);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [questions, onAsk]);
  const onClick = (event: MouseEvent, question: string) =>
    event.altKey ? onEdit(question) : onAsk(question);
  return (
    <div data-testid="follow-ups" className="flex flex-col gap-1.5" data-print="hide">
      <h3 id={id} className="text-xs text-subtle">
        {t('followUps')}
      </h3>
      <ul aria-labelledby={id} className="flex flex-col items-start gap-1.5">
        {questions.map((question, index) => (
          <li key={question} className="group flex max-w-full items-center gap-1">
            <button
              type="button"
              title={t('followUpHint', { number: index + 1 })}
              aria-keyshortcuts={`Alt+${index + 1}`}
              onClick={(event) => onClick(event, question)}
              className="flex min-h-8 min-w-0 items-center gap-2 rounded-full border border-line bg-surface px-3 py-1 text-left text-sm text-muted hover:border-accent hover:text-fg"
            >
              <CornerDownRight aria-hidden className="size-3.5 shrink-0 text-subtle" />
              {question}
            </button>
            <span className="focus-within:opacity-100 group-hover:opacity-100 pointer-fine:opacity-0">
              <IconButton
                size="sm"
                label={t('edit', { question })}
                icon={<Pencil aria-hidden className="size-3.5" />}
                onClick={() => onEdit(question)}
              />
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
