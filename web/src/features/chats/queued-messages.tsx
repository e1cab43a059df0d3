import { useT } from '@/lib/i18n';
import { Button } from '@/ui';
import { messageText } from './answer-blocks';
import type { ChatMessage } from './api';
import { messages } from './messages';

interface QueuedMessagesProps {
  queued: readonly ChatMessage[];
  onSendNow: (message: ChatMessage) => void;
  onRemove: (message: ChatMessage) => void;
}

/** What waits for the run to finish; each can jump the queue or be taken back. */
export function QueuedMessages({ queued, onSendNow, onRemove }: QueuedMessagesProps) {
  const t = useT(messages);
  return (
    <ul className="empty:hidden">
      {queued.map((message) => (
        <li
          key={message.id}
          data-state="queued"
          className="flex flex-wrap items-center gap-x-2 border-b border-line px-4 py-1.5 text-sm"
        >
          <span className="min-w-0 flex-1 truncate">{messageText(message.parts)}</span>
          <span className="text-xs text-subtle">{t('queuedNote')}</span>
          <Button
            size="sm"
            variant="ghost"
            title={t('sendNowNote')}
            onClick={() => onSendNow(message)}
          >
            {t('sendNow')}
          </Button>
          <Button size="sm" variant="ghost" onClick={() => onRemove(message)}>
            {t('remove')}
          </Button>
        </li>
      ))}
    </ul>
  );
}
