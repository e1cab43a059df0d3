import { BASE, configureClient } from '@/api/client';
import { configureUpload } from '@/api/upload';

/** A request as a handler sees it. */
export interface FakeRequest {
  method: string;
  path: string;
  params: Record<string, string>;
  query: URLSearchParams;
  headers: Headers;
  body: unknown;
}

/** What a handler gives back: a Response, or a value that becomes a 200 (204 for undefined). */
export type Handler = (request: FakeRequest) => unknown;

interface Route {
  method: string;
  pattern: RegExp;
  names: string[];
  handler: Handler;
}

export function problem(
  status: number,
  code: string,
  more: Record<string, unknown> = {},
): Response {
  return Response.json(
    { type: 'about:blank', title: code, status, code, correlation_id: 'c-1', ...more },
    { status, headers: { 'Content-Type': 'application/problem+json' } },
  );
}

function parse(spec: string, handler: Handler): Route {
  const [method = 'GET', path = ''] = spec.split(' ');
  const names: string[] = [];
  const source = path.replace(/:(\w+)/g, (_, name: string) => {
    names.push(name);
    return '([^/]+)';
  });
  return { method, pattern: new RegExp(`^${BASE}${source}$`), names, handler };
}

/**
 * Answers the web app's requests from handlers: `server.on('GET /sources/:id', …)`. The newest
 * handler for a path wins. A request nobody handles answers 501, which fails loudly.
 */
export class FakeServer {
  readonly requests: FakeRequest[] = [];
  private routes: Route[] = [];

  constructor() {
    configureClient({ fetch: (input, init) => this.fetch(input, init) });
    configureUpload(async (target, form, { onProgress }) => {
      onProgress?.(1, 1);
      const response = await this.answer('POST', target, new Headers(), form);
      return { status: response.status, text: await response.text() };
    });
  }

  on(spec: string, handler: Handler): this {
    this.routes.unshift(parse(spec, handler));
    return this;
  }

  /** The bodies sent to `POST /x`, oldest first. */
  sent(spec: string): unknown[] {
    const { method, pattern } = parse(spec, () => undefined);
    return this.requests
      .filter((request) => request.method === method && pattern.test(BASE + request.path))
      .map((request) => request.body);
  }

  fetch(input: string, init: RequestInit): Promise<Response> {
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : undefined;
    return this.answer(init.method ?? 'GET', input, new Headers(init.headers), body);
  }

  private async answer(method: string, input: string, headers: Headers, body: unknown) {
    const address = new URL(input, window.location.origin);
    const path = address.pathname.slice(BASE.length);
    for (const route of this.routes) {
      const match = route.method === method ? route.pattern.exec(address.pathname) : null;
      if (!match) continue;
      const params = Object.fromEntries(route.names.map((name, at) => [name, match[at + 1] ?? '']));
      const request = { method, path, params, query: address.searchParams, headers, body };
      this.requests.push(request);
      const answer: unknown = await route.handler(request);
      if (answer instanceof Response) return answer;
      return answer === undefined ? new Response(null, { status: 204 }) : Response.json(answer);
    }
    return problem(501, 'no_handler', { detail: `${method} ${path} has no handler in this test` });
  }
}
