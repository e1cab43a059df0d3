import { useEffect, useRef, useState } from 'react';
import { ApiError, unreachable } from '@/api/client';
import type { DownloadFormat, ResultExport } from '@/api/types';
import { exportRows } from './api';

export interface ExportState {
  status: 'idle' | 'running' | 'done' | 'failed' | 'stopped';
  progress: ResultExport | null;
  error: unknown;
}

const IDLE: ExportState = { status: 'idle', progress: null, error: null };

/** Why there is no file: what the server said last, or that it stopped saying anything. */
function failureOf(progress: ResultExport | null): ApiError {
  const { error } = progress ?? {};
  if (!error) return unreachable();
  const { code, message, hint } = error;
  return new ApiError({ status: 0, code, title: code, detail: message, ...(hint && { hint }) });
}

const ended = (progress: ResultExport | null): ExportState => {
  if (progress?.status === 'done') return { status: 'done', progress, error: null };
  if (progress?.status === 'cancelled') return { status: 'stopped', progress, error: null };
  return { status: 'failed', progress, error: failureOf(progress) };
};

/** A file of all rows of a query, being made. Leaving the page stops it. */
export function useExport(resultId: string) {
  const [state, setState] = useState(IDLE);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);

  const start = async (format: DownloadFormat) => {
    const controller = new AbortController();
    abort.current = controller;
    let last: ResultExport | null = null;
    setState({ status: 'running', progress: null, error: null });
    try {
      await exportRows(resultId, format, controller.signal, (progress) => {
        last = progress;
        setState({ status: 'running', progress, error: null });
      });
      setState(ended(last));
    } catch (error) {
      const stopped = controller.signal.aborted;
      setState({ status: stopped ? 'stopped' : 'failed', progress: last, error });
    }
  };
  const reset = () => {
    abort.current?.abort();
    setState(IDLE);
  };
  return { ...state, start, stop: () => abort.current?.abort(), reset };
}
