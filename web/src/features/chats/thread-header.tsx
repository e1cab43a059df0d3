import { Ellipsis, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Thread } from '@/api/types';
import { formatMoney } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Button, Dialog, IconButton, Menu, MenuItem, PageHeading, TextField } from '@/ui';
import { messages } from './messages';

interface ThreadHeaderProps {
  thread: Thread;
  onRename: (title: string) => void;
  onDelete: () => void;
}

function RenameDialog({
  title,
  onSave,
  onClose,
}: {
  title: string;
  onSave: (title: string) => void;
  onClose: () => void;
}) {
  const t = useT(messages);
  const [text, setText] = useState(title);
  const save = () => {
    if (text.trim() !== '') onSave(text.trim());
    onClose();
  };
  return (
    <Dialog
      open
      size="sm"
      title={t('rename')}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button variant="primary" onClick={save}>
            {t('save')}
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <TextField
          label={t('titleLabel')}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </form>
    </Dialog>
  );
}

export function ThreadHeader({ thread, onRename, onDelete }: ThreadHeaderProps) {
  const t = useT(messages);
  const [dialog, setDialog] = useState<'rename' | 'delete' | null>(null);
  const { cost, input_tokens: input } = thread.usage;
  const close = () => setDialog(null);
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
      {dialog === 'rename' && (
        <RenameDialog title={thread.title} onSave={onRename} onClose={close} />
      )}
      <Dialog
        open={dialog === 'delete'}
        size="sm"
        title={t('deleteTitle')}
        onClose={close}
        footer={
          <>
            <Button onClick={close}>{t('cancel')}</Button>
            <Button variant="danger" onClick={onDelete}>
              {t('delete')}
            </Button>
          </>
        }
      >
        <p className="text-sm text-muted">{t('deleteBody')}</p>
      </Dialog>
    </header>
  );
}
