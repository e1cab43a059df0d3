import type { FieldError, Page, Problem } from './types';

/** A failed request, with what the server said about it. `status` 0: the server was not reached. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly errors: FieldError[];
  readonly correlation_id: string | undefined;
  readonly retry_after: number | undefined;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.name = 'ApiError';
    this.status = problem.status;
    this.code = problem.code;
    this.title = problem.title;
    this.detail = problem.detail;
    this.hint = problem.hint;
    this.errors = problem.errors ?? [];
    this.correlation_id = problem.correlation_id;
    this.retry_after = problem.retry_after;
  }

  /** The message for one field, by its path: `email`, `config.host`. */
  field(path: string): string | undefined {
    return this.errors.find((error) => error.path === path)?.message;
  }
}

export const BASE = '/api/v1';

type Scalar = string | number | boolean | null | undefined;

/** Search parameters; a list is said once per entry, what is empty not at all. */
export type Query = Record<string, Scalar | readonly Scalar[]>;

export interface RequestOptions {
  query?: Query;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface Transport {
  fetch: (input: string, init: RequestInit) => Promise<Response>;
  /** The session is over and could not be renewed. */
  signedOut: () => void;
}

const transport: Transport = {
  fetch: (input, init) => window.fetch(input, init),
  signedOut: () => {
    const here = window.location.pathname + window.location.search;
    window.location.assign(`/login?next=${encodeURIComponent(here)}`);
  },
};

/** Replaces how requests travel or what a lost session does; tests and the router use it. */
export function configureClient(changes: Partial<Transport>): void {
  Object.assign(transport, changes);
}

export function url(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [key, given] of Object.entries(query)) {
    for (const value of Array.isArray(given) ? (given as readonly Scalar[]) : [given as Scalar])
      if (value !== null && value !== undefined && value !== '') search.append(key, String(value));
  }
  const text = search.toString();
  return `${BASE}${path}${text === '' ? '' : `?${text}`}`;
}

function unreadable(status: number): Problem {
  return { status, code: 'unreadable', title: `The server answered ${status} without saying why` };
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && 'title' in value;
}

/** Turns the text of a failed answer into an error, whatever a proxy in between made of it. */
export function problemFrom(status: number, text: string): ApiError {
  try {
    const body: unknown = JSON.parse(text);
    if (isProblem(body)) return new ApiError({ ...body, status });
  } catch {
    // Not JSON: an answer from something between us and the server.
  }
  return new ApiError(unreadable(status));
}

export function unreachable(): ApiError {
  return new ApiError({ status: 0, code: 'unreachable', title: 'The server cannot be reached' });
}

let renewal: Promise<boolean> | null = null;

/** Renews the session once, however many requests ask at the same time. */
export function renewSession(): Promise<boolean> {
  renewal ??= send('POST', '/auth/refresh', {})
    .then((response) => response.ok)
    .finally(() => {
      renewal = null;
    });
  return renewal;
}

export function sessionLost(): void {
  transport.signedOut();
}

async function send(
  method: string,
  path: string,
  body: unknown,
  options: RequestOptions = {},
): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json', ...options.headers };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  try {
    return await transport.fetch(url(path, options.query), {
      method,
      headers,
      credentials: 'same-origin',
      body: body === undefined ? null : JSON.stringify(body),
      signal: options.signal ?? null,
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw unreachable();
  }
}

/** Paths that answer 401 for a reason of their own: a wrong password is not an old session. */
const SIGN_IN = ['/auth/login', '/auth/signup', '/auth/reset', '/auth/refresh'];

/** Sends a request and gives the raw answer (for streams); throws ApiError unless it succeeded. */
export async function request(
  method: string,
  path: string,
  body?: unknown,
  options?: RequestOptions,
): Promise<Response> {
  let response = await send(method, path, body, options);
  if (response.status === 401 && !SIGN_IN.includes(path)) {
    if (await renewSession()) response = await send(method, path, body, options);
    if (response.status === 401) sessionLost();
  }
  if (!response.ok) throw problemFrom(response.status, await response.text());
  return response;
}

async function json<T>(method: string, path: string, body?: unknown, options?: RequestOptions) {
  const response = await request(method, path, body, options);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

/** The typed door to `/api/v1`: `api.get<Source>('/sources/1')`. */
export const api = {
  get: <T>(path: string, options?: RequestOptions) => json<T>('GET', path, undefined, options),
  post: <T>(path: string, body?: unknown, options?: RequestOptions) =>
    json<T>('POST', path, body, options),
  patch: <T>(path: string, body: unknown, options?: RequestOptions) =>
    json<T>('PATCH', path, body, options),
  put: <T>(path: string, body: unknown) => json<T>('PUT', path, body),
  /** A list in one piece: every page of it, or the plain array some endpoints give. */
  list: async <T>(path: string, options: RequestOptions = {}): Promise<T[]> => {
    const all: T[] = [];
    let cursor: string | null = null;
    do {
      const query: Query = { ...options.query, cursor };
      const page: Page<T> | T[] = await json('GET', path, undefined, { ...options, query });
      if (Array.isArray(page)) return page;
      all.push(...page.data);
      cursor = page.next;
    } while (cursor !== null);
    return all;
  },
  delete: (path: string, options?: RequestOptions) =>
    json<undefined>('DELETE', path, undefined, options),
};

/** The message people see first for anything thrown. */
export function errorTitle(error: unknown): string {
  return error instanceof ApiError ? error.title : String(error);
}
