import { useRef, useState } from 'react';
import { upload } from '@/api/upload';
import type { Source } from '@/api/types';

export type UploadState =
  | { phase: 'idle' }
  | { phase: 'sending'; percent: number }
  | { phase: 'reading' }
  | { phase: 'cancelled' }
  | { phase: 'failed'; error: unknown };

/** Sends files as one new source: progress, cancel, and the same call again to retry. */
export function useUpload(onDone: (source: Source) => void | Promise<void>) {
  const [state, setState] = useState<UploadState>({ phase: 'idle' });
  const abort = useRef<AbortController | null>(null);

  const start = async (files: readonly File[], name: string) => {
    const form = new FormData();
    for (const file of files) form.append('files', file, file.name);
    if (name.trim() !== '') form.append('name', name.trim());
    const controller = new AbortController();
    abort.current = controller;
    setState({ phase: 'sending', percent: 0 });
    try {
      const source = await upload<Source>('/sources/upload', form, {
        signal: controller.signal,
        onProgress: (sent, total) =>
          setState(
            sent < total
              ? { phase: 'sending', percent: Math.floor((sent / total) * 100) }
              : { phase: 'reading' },
          ),
      });
      await onDone(source);
      setState({ phase: 'idle' });
    } catch (error) {
      setState(controller.signal.aborted ? { phase: 'cancelled' } : { phase: 'failed', error });
    }
  };
  const cancel = () => abort.current?.abort();
  return { state, start, cancel };
}
