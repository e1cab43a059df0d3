import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Ellipsis, MessageSquare, Pencil, PlugZap, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useCan } from '@/api/resources';
import type { Source } from '@/api/types';
import { useForm } from '@/lib/form';
import { useT } from '@/lib/i18n';
import {
  buttonClass,
  Confirm,
  Dialog,
  FormDialog,
  FormField,
  IconButton,
  Menu,
  MenuItem,
} from '@/ui';
import { addMessages } from './add-messages';
import { deleteSource, updateSource, useSourcesChanged } from './api';
import { DatabaseForm } from './database-form';
import { isDatabase } from './databases';
import { messages } from './messages';

interface ActionProps {
  source: Source;
  onClose: () => void;
}

function RenameDialog({ source, onClose }: ActionProps) {
  const t = useT(messages);
  const add = useT(addMessages);
  const changed = useSourcesChanged();
  const form = useForm({
    initial: { name: source.name },
    validate: ({ name }) => (name.trim() === '' ? { name: add('needName') } : {}),
    submit: ({ name }) => updateSource(source.id, { name: name.trim() }),
    onSuccess: async () => {
      await changed();
      onClose();
    },
  });
  return (
    <FormDialog form={form} size="sm" title={t('rename')} submit={t('save')} onClose={onClose}>
      <FormField form={form} name="name" label={t('name')} autoFocus />
    </FormDialog>
  );
}

function EditDialog({ source, onClose }: ActionProps) {
  const t = useT(messages);
  const changed = useSourcesChanged();
  const saved = async () => {
    await changed();
    onClose();
  };
  return (
    <Dialog open size="lg" title={t('edit')} onClose={onClose}>
      {isDatabase(source.engine) ? (
        <DatabaseForm engine={source.engine} source={source} onSaved={saved} />
      ) : null}
    </Dialog>
  );
}

function DeleteDialog({ source, onClose }: ActionProps) {
  const t = useT(messages);
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const remove = async () => {
    await deleteSource(source.id);
    await navigate({ to: '/sources' });
    queryClient.removeQueries({ queryKey: ['sources', source.id] });
    await queryClient.invalidateQueries({ queryKey: ['sources'] });
  };
  return (
    <Confirm
      open
      title={t('removeTitle', { name: source.name })}
      action={t('remove')}
      onConfirm={remove}
      onClose={onClose}
    >
      <p>{t('removeBody')}</p>
    </Confirm>
  );
}

type Open = 'rename' | 'edit' | 'delete';

function MoreMenu({ source, onOpen }: { source: Source; onOpen: (what: Open) => void }) {
  const t = useT(messages);
  const can = useCan();
  const trigger = (
    <IconButton
      label={t('actions')}
      variant="secondary"
      tooltip={false}
      icon={<Ellipsis aria-hidden className="size-4" />}
    />
  );
  const item = (what: Open, label: string, Icon: typeof Pencil) => (
    <MenuItem
      danger={what === 'delete'}
      icon={<Icon aria-hidden className="size-4" />}
      onSelect={() => onOpen(what)}
    >
      {label}
    </MenuItem>
  );
  const [update, remove] = [can('source:update'), can('source:delete')];
  if (!update && !remove) return null;
  return (
    <Menu trigger={trigger}>
      {update ? item('rename', t('rename'), Pencil) : null}
      {update && isDatabase(source.engine) ? item('edit', t('edit'), PlugZap) : null}
      {remove ? item('delete', t('remove'), Trash2) : null}
    </Menu>
  );
}

export function SourceActions({ source }: { source: Source }) {
  const t = useT(messages);
  const can = useCan();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  return (
    <>
      {can('thread:create') ? (
        <Link to="/chats/new" search={{ source: source.id }} className={buttonClass('primary')}>
          <MessageSquare aria-hidden className="size-4" />
          {t('ask')}
        </Link>
      ) : null}
      <MoreMenu source={source} onOpen={setOpen} />
      {open === 'rename' ? <RenameDialog source={source} onClose={close} /> : null}
      {open === 'edit' ? <EditDialog source={source} onClose={close} /> : null}
      {open === 'delete' ? <DeleteDialog source={source} onClose={close} /> : null}
    </>
  );
}
