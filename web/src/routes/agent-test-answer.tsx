import type { ChatMessage, ThreadState } from '@/features/chats';
import { Answer } from './chats-answer';
import { useCards } from './chats-cards';
import { useGoOn } from './chats-go-on';

interface TestAnswerProps {
  /** The test chat's thread. */
  id: string;
  state: ThreadState;
  message: ChatMessage;
  following: boolean;
  active: boolean;
  /** Nothing was asked after it. */
  last: boolean;
  onEnd: () => void;
}

/** An answer of a test chat; loaded when there is one, because it brings grids and charts along. */
export default function TestAnswer(props: TestAnswerProps) {
  const { id, state, message, following, active, last, onEnd } = props;
  const { activeRun, again, stop } = state;
  const cards = useCards(id);
  const goOn = useGoOn(state);
  const free = last && activeRun === null;
  const onRegenerate = free ? () => again.mutate(message.id) : null;
  const onStop = () => {
    if (activeRun && !stop.isPending) stop.mutate(activeRun.id);
  };
  return (
    <Answer
      threadId={id}
      {...{ message, cards, following, onRegenerate }}
      active={active && message.run_id ? { id: message.run_id, onEnd, onStop } : null}
      onUpdate={null}
      goOn={free ? goOn : null}
    />
  );
}
