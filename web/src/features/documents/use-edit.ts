import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError } from '@/api/client';
import type { DocumentDetail } from '@/api/types';
import { useT } from '@/lib/i18n';
import { toast } from '@/ui';
import { documentQuery, editDocument, useDocumentChanged } from './api';
import { messages } from './messages';

/** An edit of a document, which stands on the version that it was begun from. */
export function useDocumentEdit(document: DocumentDetail) {
  const t = useT(messages);
  const client = useQueryClient();
  const changed = useDocumentChanged();
  const [base, setBase] = useState(document);
  const [title, setTitle] = useState(document.title);
  const [content, setContent] = useState(document.content);
  const dirty = title !== base.title || content !== base.content;
  const adopt = (next: DocumentDetail) => {
    setBase(next);
    setTitle(next.title);
    setContent(next.content);
    save.reset();
  };
  const save = useMutation({
    /** `over`: on top of whatever is the newest by now. */
    mutationFn: async ({ over }: { over: boolean }) => {
      const { id } = base;
      const on = over
        ? (await client.query({ ...documentQuery(id, undefined), staleTime: 0 })).newest
        : base.version;
      return editDocument(id, { title, ...(base.result === null ? { content } : {}) }, on);
    },
    onSuccess: async (now) => {
      client.setQueryData(documentQuery(now.id, undefined).queryKey, now);
      adopt(now);
      await changed();
      toast({ title: t('saved', { version: now.version }) });
    },
  });
  // What was saved elsewhere comes in as long as nothing was typed.
  if (document.version > base.version && !dirty && !save.isPending) adopt(document);
  const stale = save.error instanceof ApiError && save.error.code === 'document_changed';
  return {
    title,
    setTitle,
    content,
    setContent,
    next: base.version + 1,
    dirty,
    stale,
    save,
    revert: () => adopt(document),
  };
}

export type DocumentDraft = ReturnType<typeof useDocumentEdit>;
