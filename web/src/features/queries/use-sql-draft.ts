import { useState } from 'react';
import { readStored, writeStored } from '@/lib/preferences';

/**
 * The SQL being edited on one card. An edit that was not run survives reload and navigation; it
 * belongs to the query and the version it started from.
 */
export function useSqlDraft(queryId: string, version: number, sql: string) {
  const key = `sql.${queryId}.${version}`;
  const [drafts, setDrafts] = useState<Record<string, string>>({});
  // Stored as nothing: as it ran. An editor that somebody emptied stays empty while it is there.
  const stored = readStored(key) ?? '';
  const draft = drafts[key] ?? (stored === '' ? sql : stored);

  const setDraft = (text: string) => {
    writeStored(key, text === sql ? '' : text);
    setDrafts((all) => ({ ...all, [key]: text }));
  };

  return { draft, edited: draft !== sql, setDraft, reset: () => setDraft(sql) };
}
