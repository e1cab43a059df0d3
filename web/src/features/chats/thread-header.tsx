import { Ellipsis, Pencil, Trash2 } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import type { Thread } from '@/api/types';
import { formatMoney } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { IconButton, Menu, MenuItem, PageHeading } from '@/ui';
import { messages } from './messages';

const ThreadDialogs = lazy(() => import('./thread-dialogs'));

interface ThreadHeaderProps {
  thread: Thread;
  onRename: (title: string) => void;
  onDelete: () => void;
}

export function ThreadHeader({ thread, onRename, onDelete }: ThreadHeaderProps) {
  const t = useT(messages);
  const [dialog, setDialog] = useState<'rename' | 'delete' | null>(null);
  const { cost, input_tokens: input } = thread.usage;
  return (
    <header className="mx-auto flex w-full max-w-4xl items-center gap-3 px-4 pt-4 sm:px-6">
      <div className="min-w-0 flex-1 [&>h1]:truncate [&>h1]:text-title-sm">
        <PageHeading focus={false}>{thread.title || t('untitled')}</PageHeading>
      </div>
      {(cost != null || input != null) && (
        <span className="nums text-xs text-subtle">
          {cost == null ? t('costUnknown') : formatMoney(cost)}
        </span>
      )}
      <Menu
        label={t('actions')}
        trigger={
          <IconButton
            label={t('actions')}
            size="sm"
            tooltip={false}
            icon={<Ellipsis aria-hidden className="size-4" />}
          />
        }
      >
        <MenuItem
          icon={<Pencil aria-hidden className="size-4" />}
          onSelect={() => setDialog('rename')}
        >
          {t('rename')}
        </MenuItem>
        <MenuItem
          danger
          icon={<Trash2 aria-hidden className="size-4" />}
          onSelect={() => setDialog('delete')}
        >
          {t('delete')}
        </MenuItem>
      </Menu>
      {dialog !== null && (
        <Suspense>
          <ThreadDialogs
            {...{ dialog, onRename, onDelete }}
            title={thread.title}
            onClose={() => setDialog(null)}
          />
        </Suspense>
      )}
    </header>
  );
}
