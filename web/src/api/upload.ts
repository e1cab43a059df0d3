import { problemFrom, renewSession, sessionLost, unreachable, url, type ApiError } from './client';

export interface UploadOptions {
  onProgress?: (sent: number, total: number) => void;
  signal?: AbortSignal;
}

export interface UploadAnswer {
  status: number;
  text: string;
}

export type UploadTransport = (
  target: string,
  form: FormData,
  options: UploadOptions,
) => Promise<UploadAnswer>;

/** XMLHttpRequest, because fetch does not tell how much of a body has left. */
const overXhr: UploadTransport = (target, form, { onProgress, signal }) =>
  new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open('POST', target);
    xhr.setRequestHeader('Accept', 'application/json');
    xhr.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress?.(event.loaded, event.total);
    };
    xhr.onload = () => resolve({ status: xhr.status, text: xhr.responseText });
    xhr.onerror = () => reject(unreachable());
    xhr.onabort = () => reject(new DOMException('Upload cancelled', 'AbortError'));
    signal?.addEventListener('abort', () => xhr.abort(), { once: true });
    if (signal?.aborted) xhr.abort();
    else xhr.send(form);
  });

let transport = overXhr;

export function configureUpload(next: UploadTransport): void {
  transport = next;
}

/** Sends a form with its files and reports progress; throws ApiError, or AbortError on cancel. */
export async function upload<T>(
  path: string,
  form: FormData,
  options: UploadOptions = {},
): Promise<T> {
  let answer = await transport(url(path), form, options);
  if (answer.status === 401) {
    if (await renewSession()) answer = await transport(url(path), form, options);
    if (answer.status === 401) sessionLost();
  }
  if (answer.status >= 400) throw problemFrom(answer.status, answer.text) satisfies ApiError;
  return JSON.parse(answer.text) as T;
}
