import { useState } from 'react';
import { defineMessages, useT } from '@/lib/i18n';
import { Button, Dialog, TextField } from '@/ui';
import { messages } from './messages';

const texts = defineMessages({
  en: {
    titleLabel: 'Title',
    deleteTitle: 'Delete this chat?',
    deleteBody: 'Its messages, queries and charts are deleted too. This cannot be undone.',
  },
  fr: {
    titleLabel: 'Titre',
    deleteTitle: 'Supprimer ce chat ?',
    deleteBody: 'Ses messages, requêtes et graphiques seront supprimés. C’est définitif.',
  },
});

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
  const ask = useT(texts);
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
          label={ask('titleLabel')}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </form>
    </Dialog>
  );
}

function DeleteDialog({ onDelete, onClose }: { onDelete: () => void; onClose: () => void }) {
  const t = useT(messages);
  const ask = useT(texts);
  return (
    <Dialog
      open
      size="sm"
      title={ask('deleteTitle')}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button variant="danger" onClick={onDelete}>
            {t('delete')}
          </Button>
        </>
      }
    >
      <p className="text-sm text-muted">{ask('deleteBody')}</p>
    </Dialog>
  );
}

interface ThreadDialogsProps {
  dialog: 'rename' | 'delete';
  title: string;
  onRename: (title: string) => void;
  onDelete: () => void;
  onClose: () => void;
}

/** What is asked before a thread is renamed or deleted. */
export default function ThreadDialogs(props: ThreadDialogsProps) {
  const { dialog, title, onRename, onDelete, onClose } = props;
  if (dialog === 'rename')
    return <RenameDialog title={title} onSave={onRename} onClose={onClose} />;
  return <DeleteDialog onDelete={onDelete} onClose={onClose} />;
}
