import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useCan } from '@/api/resources';
import type { DocumentDetail } from '@/api/types';
import {
  DocumentActions,
  documentMessages,
  DocumentNotice,
  DocumentNumbersChip,
  documentQuery,
  DocumentVersions,
  DocumentView,
  EditForm,
  OlderNumbers,
  useDocumentEdit,
} from '@/features/documents';
import { cellTarget } from '@/lib/cell-target';
import { useT } from '@/lib/i18n';
import { Chip, ErrorPanel, LeaveGuard, Page, SkeletonRows, Tabs } from '@/ui';
import { documentSlots } from './document-slots';

const route = getRouteApi('/shell/documents/$document');

/** The cell of a figure is in the chat: going to it goes there. */
function useGoToCell({ thread_id: thread }: DocumentDetail): void {
  const navigate = useNavigate();
  useEffect(() => {
    if (thread === null) return undefined;
    return cellTarget.subscribe(() => {
      const target = cellTarget.get();
      if (target === null || target.waits) return;
      cellTarget.set({ ...target, waits: true });
      void navigate({ to: '/chats/$thread', params: { thread } });
    });
  }, [thread, navigate]);
}

interface DocumentProps {
  document: DocumentDetail;
  onLoad: () => Promise<unknown>;
}

type Tab = 'read' | 'edit' | 'versions';

/** Which part of the document is shown; the address says which, and which version of it. */
function useTab(document: DocumentDetail, current: boolean) {
  const navigate = useNavigate();
  const { tab, version } = route.useSearch();
  const shown: Tab = tab === 'versions' || (tab === 'edit' && current) ? tab : 'read';
  const go = (next: Tab) =>
    void navigate({
      to: '/documents/$document',
      params: { document: document.id },
      search: { ...(next === 'read' ? {} : { tab: next }), ...(version ? { version } : {}) },
      replace: true,
    });
  return { shown, go };
}

function Shown({ document, onLoad }: DocumentProps) {
  const t = useT(documentMessages);
  const can = useCan()('document:update');
  const draft = useDocumentEdit(document);
  useGoToCell(document);
  const archived = document.archived_at !== null;
  const editable = can && !archived;
  const current = editable && document.version === document.newest;
  const { shown, go } = useTab(document, current);
  const { handle, kind, author, title } = document;
  return (
    <Page
      title={title}
      crumbs={[{ label: t('titleAll'), to: '/documents' }]}
      description={`${handle} · ${t(`kind_${kind}`)} · ${t('by', { version: document.version, name: author.name })}`}
      meta={
        <>
          <DocumentNumbersChip document={document} />
          {archived ? <Chip>{t('archived')}</Chip> : null}
        </>
      }
      actions={<DocumentActions document={document} editable={editable} />}
    >
      <DocumentNotice document={document} can={can} />
      {document.version === document.newest ? (
        <OlderNumbers document={document} onUpdate={null} />
      ) : null}
      <Tabs
        label={title}
        value={shown}
        onChange={go}
        tabs={[
          { value: 'read', label: t('tabRead') },
          ...(current ? [{ value: 'edit' as const, label: t('tabEdit') }] : []),
          { value: 'versions', label: t('tabVersions'), count: document.newest },
        ]}
      >
        {shown === 'read' ? <DocumentView document={document} slots={documentSlots} /> : null}
        {shown === 'edit' ? <EditForm document={document} draft={draft} onLoad={onLoad} /> : null}
        {shown === 'versions' ? <DocumentVersions document={document} editable={editable} /> : null}
      </Tabs>
      <LeaveGuard when={draft.dirty} />
    </Page>
  );
}

export function DocumentPage() {
  const t = useT(documentMessages);
  const { document: id } = route.useParams();
  const { version } = route.useSearch();
  const document = useQuery(documentQuery(id, version));
  if (document.data)
    return (
      <Shown
        key={`${id}:${version ?? ''}`}
        document={document.data}
        onLoad={() => document.refetch()}
      />
    );
  return (
    <Page title={t('title')}>
      {document.error ? (
        <ErrorPanel error={document.error} onRetry={() => void document.refetch()} />
      ) : (
        <SkeletonRows rows={8} label={t('loading')} />
      )}
    </Page>
  );
}
