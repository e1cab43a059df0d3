import { useState } from 'react';
import type { InboxRequest } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Button, Dialog, TextField } from '@/ui';
import { destroyMessages } from './destroy-messages';
import { messages } from './detail-messages';
import { isObject } from './schema-fields';
import { mayDestroy, type Look } from './use-looks';
import { isWrite, WritePreview } from './write-preview';

const NAMES = ['table', 'resource', 'name', 'path', 'url'];

function named(thing: unknown): string | undefined {
  if (!isObject(thing)) return undefined;
  return NAMES.map((key) => thing[key]).find(
    (value): value is string => typeof value === 'string' && value !== '',
  );
}

/** What an action of a request was shown to do when it was asked for. */
function shownOf({ preview }: InboxRequest, action: string | undefined): unknown {
  const each = preview?.actions;
  return isObject(each) && action !== undefined ? each[action] : preview;
}

/** The edited call, else the one that was asked for: its arguments, and what it was seen to do. */
function atStake(request: InboxRequest, look: Look | null): [args: unknown, shown: unknown] {
  if (look) return [look.decision.args, look.found?.preview];
  const [action] = request.actions;
  return [action?.args, shownOf(request, action?.id)];
}

/** What has to be typed: the table or resource that is at stake, else the source, else the tool. */
export function nameAtStake(request: InboxRequest, look: Look | null): string {
  const [args, shown] = atStake(request, look);
  const { source, actions } = request;
  return named(args) ?? named(shown) ?? source?.name ?? actions[0]?.name ?? '';
}

interface ConfirmProps {
  request: InboxRequest;
  /** Edited calls, looked at. */
  looks: readonly Look[];
  onConfirm: () => void;
  onClose: () => void;
}

/** The call as it was edited: the title of the request speaks of another one. */
function Edited({ look }: { look: Look }) {
  const t = useT(destroyMessages);
  const preview = look.found?.preview;
  return (
    <>
      <p className="text-sm text-danger">{t(look.found ? 'editDestroys' : 'editUnseen')}</p>
      {isWrite(preview) ? <WritePreview preview={preview} brief /> : null}
    </>
  );
}

/** What cannot be undone is approved by typing what it is about. */
export function ConfirmDestructive({ request, looks, onConfirm, onClose }: ConfirmProps) {
  const t = useT(messages);
  const said = useT(destroyMessages);
  const [text, setText] = useState('');
  const look = looks.find(mayDestroy) ?? null;
  const name = nameAtStake(request, look ?? looks[0] ?? null);
  const people = Math.max(request.requires, ...looks.map(({ found }) => found?.requires ?? 0));
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
            {t(looks.length > 0 ? 'approveEdits' : 'approve')}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        {look ? <Edited look={look} /> : <p className="text-sm">{request.title}</p>}
        {people > 1 ? <p className="text-sm">{said('needsPeople', { count: people })}</p> : null}
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
