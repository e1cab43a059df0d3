import { Download } from 'lucide-react';
import { useT } from '@/lib/i18n';
import { IconButton, Menu, MenuItem } from '@/ui';
import { answerUrl } from './api';
import { messages } from './messages';

interface SaveAnswerProps {
  threadId: string;
  messageId: string;
}

/** The answer as a file of its own, with the receipts of its figures. */
export function SaveAnswer({ threadId, messageId }: SaveAnswerProps) {
  const t = useT(messages);
  return (
    <Menu
      align="start"
      label={t('saveAnswer')}
      trigger={
        <IconButton
          label={t('saveAnswer')}
          size="sm"
          icon={<Download aria-hidden className="size-3.5" />}
        />
      }
    >
      <MenuItem asChild>
        <a href={answerUrl(threadId, messageId, 'md')} download>
          {t('saveMarkdown')}
        </a>
      </MenuItem>
      <MenuItem asChild>
        <a href={answerUrl(threadId, messageId, 'html')} download>
          {t('savePage')}
        </a>
      </MenuItem>
    </Menu>
  );
}
