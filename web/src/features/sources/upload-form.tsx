import { useQuery } from '@tanstack/react-query';
import { FileSpreadsheet, Upload, X } from 'lucide-react';
import { useId, useState, type DragEvent } from 'react';
import { statusQuery } from '@/api/resources';
import type { Source } from '@/api/types';
import { cx } from '@/lib/cx';
import { formatBytes } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Button, ErrorPanel, IconButton, Spinner, TextField } from '@/ui';
import { addMessages } from './add-messages';
import { addFiles, fileProblem, type UploadLimits } from './upload-files';
import { useUpload, type UploadState } from './use-upload';

const typesOf = ({ formats }: UploadLimits) => (formats ?? []).join(', ');

/** The limits of this server, as its status tells them. */
function useUploadLimits(): UploadLimits {
  const limits = useQuery(statusQuery).data?.limits;
  return { formats: limits?.upload_formats ?? null, maxBytes: limits?.upload_max_bytes ?? null };
}

interface DropZoneProps {
  limits: UploadLimits;
  onFiles: (files: File[]) => void;
}

function DropZone({ limits, onFiles }: DropZoneProps) {
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
            accept={limits.formats?.join(',')}
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
        {limits.formats &&
          t('dropNote', { types: typesOf(limits), max: formatBytes(limits.maxBytes) })}
      </p>
    </div>
  );
}

interface FileRowProps {
  file: File;
  limits: UploadLimits;
  busy: boolean;
  onRemove: () => void;
}

function FileRow({ file, limits, busy, onRemove }: FileRowProps) {
  const t = useT(addMessages);
  const problem = fileProblem(file, limits);
  const params = {
    name: file.name,
    types: typesOf(limits),
    size: formatBytes(file.size),
    max: formatBytes(limits.maxBytes),
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

interface OutcomeProps {
  state: UploadState;
}

/** Why the last attempt ended without a source. */
function Outcome({ state }: OutcomeProps) {
  const t = useT(addMessages);
  return (
    <>
      <div role="status" className="text-sm text-muted empty:hidden">
        {state.phase === 'cancelled' ? t('cancelled') : null}
      </div>
      {state.phase === 'failed' ? <ErrorPanel error={state.error} /> : null}
    </>
  );
}

interface ChosenProps {
  limits: UploadLimits;
  files: File[];
  name: string;
  busy: boolean;
  onName: (name: string) => void;
  onRemove: (file: File) => void;
}

function Chosen({ limits, files, name, busy, onName, onRemove }: ChosenProps) {
  const t = useT(addMessages);
  return (
    <>
      <ul className="divide-y divide-line rounded-lg border border-line bg-surface">
        {files.map((file) => (
          <FileRow
            key={file.name}
            file={file}
            limits={limits}
            busy={busy}
            onRemove={() => onRemove(file)}
          />
        ))}
      </ul>
      <TextField
        label={t('sourceName')}
        help={t('sourceNameHelp')}
        optional
        value={name}
        disabled={busy}
        onChange={(event) => onName(event.target.value)}
      />
    </>
  );
}

export interface UploadFormProps {
  onDone: (source: Source) => void | Promise<void>;
}

export function UploadForm({ onDone }: UploadFormProps) {
  const t = useT(addMessages);
  const [files, setFiles] = useState<File[]>([]);
  const [name, setName] = useState('');
  const limits = useUploadLimits();
  const { state, start, cancel } = useUpload(onDone);
  const busy = state.phase === 'sending' || state.phase === 'reading';
  const good = files.every((file) => fileProblem(file, limits) === null);
  const label = state.phase === 'idle' ? t('start', { count: files.length }) : t('retry');
  const send = (
    <div>
      <Button variant="primary" disabled={!good} onClick={() => void start(files, name)}>
        {label}
      </Button>
    </div>
  );
  return (
    <div className="flex flex-col gap-4">
      <DropZone
        limits={limits}
        onFiles={(added) => setFiles((before) => addFiles(before, added))}
      />
      {files.length === 0 ? null : (
        <Chosen
          limits={limits}
          files={files}
          name={name}
          busy={busy}
          onName={setName}
          onRemove={(file) => setFiles((before) => before.filter((one) => one !== file))}
        />
      )}
      <Outcome state={state} />
      {busy ? <Progress state={state} onCancel={cancel} /> : null}
      {busy || files.length === 0 ? null : send}
    </div>
  );
}
