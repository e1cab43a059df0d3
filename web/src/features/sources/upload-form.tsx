import { FileSpreadsheet, Upload, X } from 'lucide-react';
import { useId, useState, type DragEvent } from 'react';
import type { Source } from '@/api/types';
import { cx } from '@/lib/cx';
import { formatBytes } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Button, ErrorPanel, IconButton, Spinner, TextField } from '@/ui';
import { addMessages } from './add-messages';
import { addFiles, FILE_MAX, FILE_TYPES, fileProblem } from './upload-files';
import { useUpload, type UploadState } from './use-upload';

const TYPES = FILE_TYPES.join(', ');

function DropZone({ onFiles }: { onFiles: (files: File[]) => void }) {
  const t = useT(addMessages);
  const id = useId();
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onFiles([...event.dataTransfer.files]);
  };
  return (
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={cx(
        'flex flex-col items-center gap-2 rounded-lg border border-dashed px-4 py-10 text-center',
        over ? 'border-accent bg-accent-soft' : 'border-control bg-surface',
      )}
    >
      <Upload aria-hidden className="size-5 text-subtle" />
      <p className="text-sm">
        {t('drop')}{' '}
        <label
          htmlFor={id}
          className="cursor-pointer rounded-sm font-strong text-accent underline has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent"
        >
          {t('choose')}
          <input
            id={id}
            type="file"
            multiple
            accept={FILE_TYPES.join(',')}
            aria-describedby={`${id}-note`}
            className="sr-only"
            onChange={(event) => {
              onFiles([...(event.target.files ?? [])]);
              event.target.value = '';
            }}
          />
        </label>
      </p>
      <p id={`${id}-note`} className="text-xs text-subtle">
        {t('dropNote', { types: TYPES, max: formatBytes(FILE_MAX) })}
      </p>
    </div>
  );
}

interface FileRowProps {
  file: File;
  busy: boolean;
  onRemove: () => void;
}

function FileRow({ file, busy, onRemove }: FileRowProps) {
  const t = useT(addMessages);
  const problem = fileProblem(file);
  const params = {
    name: file.name,
    types: TYPES,
    size: formatBytes(file.size),
    max: formatBytes(FILE_MAX),
  };
  return (
    <li className="flex min-h-row items-center gap-2.5 py-1 pr-1 pl-3 text-sm">
      <FileSpreadsheet aria-hidden className="size-4 shrink-0 text-subtle" />
      <span className="min-w-0 flex-1 break-words">
        {problem ? <span className="text-danger">{t(problem, params)}</span> : file.name}
      </span>
      <span className="nums text-xs text-subtle">{params.size}</span>
      <IconButton
        size="sm"
        label={t('removeFile', { name: file.name })}
        icon={<X aria-hidden className="size-4" />}
        disabled={busy}
        onClick={onRemove}
      />
    </li>
  );
}

function Progress({ state, onCancel }: { state: UploadState; onCancel: () => void }) {
  const t = useT(addMessages);
  const percent = state.phase === 'sending' ? state.percent : 100;
  const text = state.phase === 'sending' ? t('uploading', { percent }) : t('reading');
  return (
    <div className="flex flex-col gap-2">
      <progress
        max={100}
        value={percent}
        aria-label={text}
        className="h-1.5 w-full appearance-none overflow-hidden rounded-full [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-sunken [&::-webkit-progress-value]:bg-accent"
      />
      <div className="flex items-center gap-2 text-sm">
        <Spinner />
        <span className="nums flex-1">{text}</span>
        <Button onClick={onCancel}>{t('cancel')}</Button>
      </div>
    </div>
  );
}

export interface UploadFormProps {
  onDone: (source: Source) => void | Promise<void>;
}

export function UploadForm({ onDone }: UploadFormProps) {
  const t = useT(addMessages);
  const [files, setFiles] = useState<File[]>([]);
  const [name, setName] = useState('');
  const { state, start, cancel } = useUpload(onDone);
  const busy = state.phase === 'sending' || state.phase === 'reading';
  const good = files.length > 0 && files.every((file) => fileProblem(file) === null);
  const tried = state.phase === 'failed' || state.phase === 'cancelled';

  return (
    <div className="flex flex-col gap-4">
      <DropZone onFiles={(added) => setFiles((before) => addFiles(before, added))} />
      {files.length === 0 ? null : (
        <>
          <ul className="divide-y divide-line rounded-lg border border-line bg-surface">
            {files.map((file) => (
              <FileRow
                key={file.name}
                file={file}
                busy={busy}
                onRemove={() => setFiles((before) => before.filter((one) => one !== file))}
              />
            ))}
          </ul>
          <TextField
            label={t('sourceName')}
            help={t('sourceNameHelp')}
            optional
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </>
      )}
      <div role="status" className="empty:hidden text-sm text-muted">
        {state.phase === 'cancelled' ? t('cancelled') : null}
      </div>
      {state.phase === 'failed' ? <ErrorPanel error={state.error} /> : null}
      {busy ? <Progress state={state} onCancel={cancel} /> : null}
      {busy || files.length === 0 ? null : (
        <div>
          <Button variant="primary" disabled={!good} onClick={() => void start(files, name)}>
            {tried ? t('retry') : t('start', { count: Math.max(1, files.length) })}
          </Button>
        </div>
      )}
    </div>
  );
}
