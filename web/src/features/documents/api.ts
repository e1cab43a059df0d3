import { infiniteQueryOptions, queryOptions, useQueryClient } from '@tanstack/react-query';
import { api, request, url } from '@/api/client';
import type {
  DocumentDetail,
  DocumentDiff,
  DocumentEdit,
  DocumentFormat,
  DocumentKind,
  DocumentSummary,
  DocumentVersion,
  Page,
} from '@/api/types';

/** What a kind can be downloaded as. */
export const FORMATS: Record<DocumentKind, readonly DocumentFormat[]> = {
  text: ['md', 'txt'],
  code: ['code'],
  sheet: ['csv', 'xlsx'],
};

export const documentsOptions = (archived: boolean) =>
  infiniteQueryOptions({
    queryKey: ['documents', 'list', { archived }],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<DocumentSummary>>('/documents', {
        query: { archived, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    staleTime: 0,
  });

/** A document as its newest version says it, or another one. */
export const documentQuery = (id: string, version: string | undefined) =>
  queryOptions({
    queryKey: ['documents', id, version ?? 'newest'],
    queryFn: ({ signal }) =>
      api.get<DocumentDetail>(
        version === undefined ? `/documents/${id}` : `/documents/${id}/versions/${version}`,
        { signal },
      ),
    // An agent or another tab may write at any time.
    staleTime: 0,
  });

export const versionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['documents', id, 'versions'],
    queryFn: ({ signal }) => api.list<DocumentVersion>(`/documents/${id}/versions`, { signal }),
    staleTime: 0,
  });

export const diffQuery = (id: string, from: string, to: string) =>
  queryOptions({
    queryKey: ['documents', id, 'diff', from, to],
    queryFn: ({ signal }) =>
      api.get<DocumentDiff>(`/documents/${id}/diff`, { query: { from, to }, signal }),
    staleTime: Infinity,
  });

/** Saves the next version if `version` is still the newest. */
export async function editDocument(
  id: string,
  edit: DocumentEdit,
  version: number,
): Promise<DocumentDetail> {
  const headers = { 'If-Match': `"${version}"` };
  const response = await request('PUT', `/documents/${id}`, edit, { headers });
  return (await response.json()) as DocumentDetail;
}

export const restoreDocument = (id: string, version: number) =>
  api.post<DocumentDetail>(`/documents/${id}/restore`, { version });
export const archiveDocument = (id: string) => api.delete(`/documents/${id}`);
export const bringBack = (id: string) =>
  api.patch<DocumentDetail>(`/documents/${id}`, { archived: false });

export const downloadUrl = ({ id, version }: DocumentDetail, format: DocumentFormat) =>
  url(`/documents/${id}/download`, { format, version });

/** After any change: the page and its versions read again. */
export function useDocumentChanged(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ['documents'] });
}
