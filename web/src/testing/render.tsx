import { createMemoryHistory } from '@tanstack/react-router';
import { render } from '@testing-library/react';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import type { QueryClient } from '@tanstack/react-query';
import { createQueryClient } from '@/api/query-client';
import { App } from '@/app/app';
import { createAppRouter, type AppRouter } from '@/app/router';
import { fakeSession, fakeSource, fakeStatus } from './fakes';
import { FakeServer } from './server';

export interface Rendered {
  user: UserEvent;
  server: FakeServer;
  router: AppRouter;
  queryClient: QueryClient;
}

/** A server with a signed-in owner, one source, no threads and one model; override as needed. */
export function fakeServer(): FakeServer {
  const empty = () => ({ data: [], next: null });
  return new FakeServer()
    .on('GET /auth/me', () => fakeSession())
    .on('GET /auth/setup', () => ({ needs_setup: false, version: '0.1.0' }))
    .on('GET /status', () => fakeStatus())
    .on('GET /sources', () => ({ data: [fakeSource()], next: null }))
    .on('GET /models', empty)
    .on('GET /models/offers', empty)
    .on('GET /agents', empty)
    .on('GET /threads', empty)
    .on('GET /requests/count', () => ({ needs_me: 0 }))
    .on('GET /threads/:id/queries', () => ({ data: [] }))
    .on('GET /sources/:id/starters', () => ({ questions: [] }));
}

/** Renders the whole app at an address, against a fake server. */
export function renderApp(path: string, server: FakeServer = fakeServer()): Rendered {
  const queryClient = createQueryClient();
  queryClient.setDefaultOptions({ queries: { retry: false } });
  const history = createMemoryHistory({ initialEntries: [path] });
  const router = createAppRouter(queryClient, history);
  render(<App queryClient={queryClient} router={router} />);
  return { user: userEvent.setup(), server, router, queryClient };
}
