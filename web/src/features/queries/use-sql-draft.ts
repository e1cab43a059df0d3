import { useState } from 'react';
import { readStored, writeStored } from '@/lib/preferences';

/**
 * The SQL being edited on one card. An edit that was not run survives reload and navigation; it
 * belongs to the query and the version it started from.
 */
export function useSqlDraft(queryId: string, version: number, sql: string) {
  const key = `sql.${queryId}.${version}`;
  const [drafts, setDrafts] = useState<Record<string, string>>({});
  const stored = drafts[key] ?? readStored(key) ?? '';
  const draft = stored === '' ? sql : stored;

  const setDraft = (text: string) => {
    const kept = text === sql ? '' : text;
    writeStored(key, kept);
    setDrafts((all) => ({ ...all, [key]: kept }));
  };

  return { draft, edited: draft !== sql, setDraft, reset: () => setDraft(sql) };
}
