import type { OptionsData } from '@/api/answer-parts';
import { useT } from '@/lib/i18n';
import { Button } from '@/ui';
import type { ExtraBlock } from './answer-blocks';
import { extraMessages } from './extra-messages';
import { FactCard } from './fact-card';
import { RefusalCard } from './refusal-card';

interface OptionsProps {
  options: OptionsData;
  /** The question is in the text already. */
  asked: boolean;
  onAsk: ((question: string) => void) | null;
}

/** What a question may have meant; a click answers, and so does any text below. */
function Options({ options, asked, onAsk }: OptionsProps) {
  const t = useT(extraMessages);
  const { question } = options;
  return (
    <div
      role="group"
      data-testid="answer-options"
      aria-label={question || t('options')}
      className="flex max-w-[45rem] flex-col gap-2"
    >
      {!asked && question && <p>{question}</p>}
      <div className="flex flex-wrap gap-2">
        {options.options.map((option) => (
          <Button
            key={option}
            disabled={onAsk === null}
            className="h-auto! min-h-8 max-w-full py-1 text-left whitespace-normal!"
            onClick={() => onAsk?.(option)}
          >
            {option}
          </Button>
        ))}
      </div>
    </div>
  );
}

interface AnswerExtraProps {
  block: ExtraBlock;
  onAsk: ((question: string) => void) | null;
  onUpdate: (() => void) | null;
}

/** A card, options or a refusal. */
export default function AnswerExtra({ block, onAsk, onUpdate }: AnswerExtraProps) {
  if (block.kind === 'card') return <FactCard card={block.card} onUpdate={onUpdate} />;
  if (block.kind === 'options')
    return <Options options={block.options} asked={block.asked} onAsk={onAsk} />;
  const { refusal, others, cites } = block;
  return <RefusalCard {...{ refusal, others, cites, onAsk, onUpdate }} />;
}
