import { useState } from 'react';
import type { InboxRequest } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Button, Dialog, TextField } from '@/ui';
import { messages } from './detail-messages';
import { isObject } from './schema-fields';

/** What has to be typed: the table or resource that is at stake, else the source, else the tool. */
export function nameAtStake({ actions, source }: InboxRequest): string {
  const [action] = actions;
  const args = isObject(action?.args) ? action.args : {};
  for (const key of ['table', 'resource', 'name', 'path', 'url'])
    if (typeof args[key] === 'string' && args[key] !== '') return args[key];
  return source?.name ?? action?.name ?? '';
}

interface ConfirmProps {
  request: InboxRequest;
  onConfirm: () => void;
  onClose: () => void;
}

/** What cannot be undone is approved by typing what it is about. */
export function ConfirmDestructive({ request, onConfirm, onClose }: ConfirmProps) {
  const t = useT(messages);
  const [text, setText] = useState('');
  const name = nameAtStake(request);
  return (
    <Dialog
      open
      onClose={onClose}
      size="sm"
      title={t('confirmTitle')}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button variant="danger" disabled={text !== name} onClick={onConfirm}>
            {t('approve')}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <p className="text-sm">{request.title}</p>
        <p className="text-sm text-muted">{t('confirmBody', { name })}</p>
        <TextField
          label={t('confirmLabel')}
          value={text}
          autoComplete="off"
          onChange={(event) => setText(event.target.value)}
        />
      </div>
    </Dialog>
  );
}
