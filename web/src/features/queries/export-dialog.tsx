import { Download } from 'lucide-react';
import { useState } from 'react';
import type { DownloadFormat } from '@/api/types';
import { formatBytes, formatCount } from '@/lib/format';
import { useT } from '@/lib/i18n';
import { Button, buttonClass, Dialog, ErrorPanel, Field, Select, Spinner } from '@/ui';
import { exportUrl, FORMATS } from './api';
import { exportMessages } from './export-messages';
import { messages } from './messages';
import { useExport } from './use-export';

interface ExportDialogProps {
  resultId: string;
  open: boolean;
  onClose: () => void;
}

type Making = ReturnType<typeof useExport>;

/** What is going on, in words that a screen reader says as they change. */
/** What else was cut on the way. */
function Notes({ notes }: { notes?: string[] }) {
  return notes?.map((note) => <span key={note}>{note}</span>);
}

function Progress({ status, progress }: Making) {
  const t = useT(exportMessages);
  const { rows = 0, bytes = 0, stage = 'rows' } = progress ?? {};
  const params = { rows: formatCount(rows), bytes: formatBytes(bytes) };
  const words = {
    idle: '',
    running: t(`export_${stage}`, params),
    done: t('exportDone', params),
    failed: '',
    stopped: t('exportStopped'),
  };
  const isCut = status === 'done' && progress?.truncated === true;
  return (
    <div
      role="status"
      className="nums flex min-h-6 flex-wrap items-center gap-2 text-sm text-muted"
    >
      {status === 'running' && <Spinner />}
      <span>{words[status]}</span>
      {isCut && <span className="text-warning">{t('exportCut')}</span>}
      <Notes {...progress} />
    </div>
  );
}

function Buttons({ making, onStart }: { making: Making; onStart: () => void }) {
  const t = useT(exportMessages);
  const { status, progress, stop } = making;
  if (status === 'done' && progress)
    return (
      <a className={buttonClass('primary')} href={exportUrl(progress.id)} download>
        <Download aria-hidden className="size-4" />
        {t('saveFile', { bytes: formatBytes(progress.bytes) })}
      </a>
    );
  if (status === 'running') return <Button onClick={stop}>{t('stop')}</Button>;
  return (
    <Button variant="primary" onClick={onStart}>
      {t('exportStart')}
    </Button>
  );
}

/** Runs the query again without its row limit and offers all its rows as a file. */
export default function ExportDialog({ resultId, open, onClose }: ExportDialogProps) {
  const t = useT(exportMessages);
  const offered = useT(messages);
  const [format, setFormat] = useState<DownloadFormat>('parquet');
  const making = useExport(resultId);
  const { status, error, start, reset } = making;
  const close = () => {
    reset();
    onClose();
  };
  const choose = (value: string) => {
    reset();
    setFormat(FORMATS.find((one) => one === value) ?? 'parquet');
  };
  return (
    <Dialog
      open={open}
      onClose={close}
      title={t('exportTitle')}
      description={offered('exportNote')}
      size="sm"
      footer={<Buttons making={making} onStart={() => void start(format)} />}
    >
      <div className="flex flex-col gap-3">
        <Field label={t('format')}>
          {(control) => (
            <Select
              {...control}
              value={format}
              disabled={status === 'running'}
              options={FORMATS.map((value) => ({ value, label: offered(`format_${value}`) }))}
              onChange={choose}
            />
          )}
        </Field>
        <Progress {...making} />
        {status === 'failed' && <ErrorPanel error={error} title={t('exportFailed')} />}
      </div>
    </Dialog>
  );
}
