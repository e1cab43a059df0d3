import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Archive, CircleAlert, CircleCheck, Download } from 'lucide-react';
import type { DocumentDetail } from '@/api/types';
import { useT } from '@/lib/i18n';
import { Button, buttonClass, Chip, ErrorPanel, Menu, MenuItem, toast } from '@/ui';
import {
  archiveDocument,
  bringBack,
  downloadUrl,
  FORMATS,
  restoreDocument,
  useDocumentChanged,
} from './api';
import { messages } from './messages';

/** How many of a document's figures have a receipt. */
export function DocumentNumbersChip({ document }: { document: DocumentDetail }) {
  const t = useT(messages);
  const { traced, total } = document.numbers;
  if (total === 0) return null;
  const clean = traced === total;
  return (
    <span data-testid="document-trace" data-state={clean ? 'traced' : 'untraced'}>
      <Chip
        tone={clean ? 'neutral' : 'warning'}
        icon={clean ? <CircleCheck aria-hidden /> : <CircleAlert aria-hidden />}
      >
        {clean ? t('traced', { traced, total }) : t('untraced', { count: total - traced })}
      </Chip>
    </span>
  );
}

interface ActionsProps {
  document: DocumentDetail;
  editable: boolean;
}

/** The file, the chat it is from, and the way out of the list. */
export function DocumentActions({ document, editable }: ActionsProps) {
  const t = useT(messages);
  const changed = useDocumentChanged();
  const archive = useMutation({
    mutationFn: () => archiveDocument(document.id),
    onSuccess: async () => {
      await changed();
      toast({ title: t('archivedDone') });
    },
  });
  return (
    <>
      {document.thread_id === null ? null : (
        <Link
          to="/chats/$thread"
          params={{ thread: document.thread_id }}
          className={buttonClass('ghost')}
        >
          {t('backToChat')}
        </Link>
      )}
      {editable ? (
        <Button
          variant="ghost"
          icon={<Archive aria-hidden className="size-3.5" />}
          loading={archive.isPending}
          onClick={() => archive.mutate()}
        >
          {t('archive')}
        </Button>
      ) : null}
      <Menu
        label={t('download')}
        trigger={
          <Button icon={<Download aria-hidden className="size-3.5" />}>{t('download')}</Button>
        }
      >
        {FORMATS[document.kind].map((format) => (
          <MenuItem key={format} asChild>
            <a href={downloadUrl(document, format)} download>
              {t(`format_${format}`)}
            </a>
          </MenuItem>
        ))}
      </Menu>
    </>
  );
}

interface NoticeProps {
  document: DocumentDetail;
  can: boolean;
}

/** The way to the newest version, or back into use. */
function WaysOn({ document, can }: NoticeProps) {
  const t = useT(messages);
  const changed = useDocumentChanged();
  const { id, version, newest, archived_at: archived } = document;
  const go = useMutation({
    mutationFn: () => (archived === null ? restoreDocument(id, version) : bringBack(id)),
    onSuccess: async (now) => {
      await changed();
      if (archived === null)
        toast({ title: t('restored', { from: version, version: now.version }) });
    },
  });
  return (
    <>
      {version === newest ? null : (
        <Link
          to="/documents/$document"
          params={{ document: id }}
          search={{}}
          className={buttonClass('secondary', 'sm')}
        >
          {t('newest')}
        </Link>
      )}
      {can ? (
        <Button size="sm" loading={go.isPending} onClick={() => go.mutate()}>
          {t(archived === null ? 'restore' : 'bringBack')}
        </Button>
      ) : null}
      {go.error ? <ErrorPanel error={go.error} /> : null}
    </>
  );
}

/** That this is not the newest version, or that the document is archived; with the way on. */
export function DocumentNotice({ document, can }: NoticeProps) {
  const t = useT(messages);
  const { version, newest, archived_at: archived } = document;
  if (archived === null && version === newest) return null;
  return (
    <div
      role="note"
      className="flex flex-wrap items-center gap-3 rounded-lg border border-line bg-surface px-4 py-3 text-sm"
    >
      <p className="min-w-0 flex-1 basis-60">
        {archived === null ? t('older', { version, newest }) : t('archivedBody')}
      </p>
      <WaysOn document={document} can={can} />
    </div>
  );
}
