import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { errorTitle } from '@/api/client';
import type { Source } from '@/api/types';
import { upload } from '@/api/upload';
import { translate } from '@/lib/i18n';
import { toast } from '@/ui';
import { messages } from './messages';

export interface Upload {
  key: number;
  name: string;
  percent: number;
  error: string | null;
  cancel: () => void;
}

const KINDS = /\.(?:csv|tsv|parquet|jsonl?|xlsx)$/i;
let lastKey = 0;

/** Files given to the composer become sources; each shows its progress and can be cancelled. */
export function useUploads(onSource: (source: Source) => void) {
  const client = useQueryClient();
  const [uploads, setUploads] = useState<Upload[]>([]);
  const change = (key: number, fields: Partial<Upload>) =>
    setUploads((all) => all.map((one) => (one.key === key ? { ...one, ...fields } : one)));
  const drop = (key: number) => setUploads((all) => all.filter((one) => one.key !== key));

  const send = async (file: File) => {
    lastKey += 1;
    const key = lastKey;
    const { name } = file;
    const abort = new AbortController();
    const cancel = () => {
      abort.abort();
      drop(key);
    };
    const error = KINDS.test(name) ? null : translate(messages, 'uploadKinds');
    setUploads((all) => [...all, { key, name, percent: 0, error, cancel }]);
    if (error !== null) return;
    const form = new FormData();
    form.append('files[]', file);
    form.append('name', name.replace(/\.[^.]+$/, ''));
    try {
      const source = await upload<Source>('/sources/upload', form, {
        signal: abort.signal,
        onProgress: (sent, total) => change(key, { percent: Math.round((sent / total) * 100) }),
      });
      drop(key);
      void client.invalidateQueries({ queryKey: ['sources'] });
      toast({ tone: 'success', title: translate(messages, 'uploaded', { name: source.name }) });
      onSource(source);
    } catch (failure) {
      if (!abort.signal.aborted) change(key, { error: errorTitle(failure) });
    }
  };

  const add = (files: File[]) => {
    for (const file of files) void send(file);
  };
  return { uploads, add };
}
