import { createMemoryHistory } from '@tanstack/react-router';
import { act, configure, render, screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { createQueryClient } from '@/api/query-client';
import type { InboxRequest } from '@/api/types';
import { App } from '@/app/app';
import { createAppRouter } from '@/app/router';
import { LiveContext } from '@/features/runs';
import { LiveLink } from '@/features/runs/live';
import { RunStore } from '@/features/runs/run-store';
import { FakeClock, FakeServer } from '@/features/runs/testing';
import { fakeRequest } from '@/testing/fakes-inbox';
import { fakeServer } from '@/testing/render';

configure({ asyncUtilTimeout: 10_000 });

test('what came before the inbox was listened to is fetched then', async () => {
  let waiting: InboxRequest[] = [];
  const clock = new FakeClock();
  const live = new FakeServer();
  const { connect, renew } = live;
  fakeServer()
    .on('GET /requests', () => ({ data: waiting, next: null }))
    .on('GET /requests/count', () => ({ needs_me: waiting.length }));
  const link = new LiveLink({ connect, clock, random: () => 0.5, renew });
  const queryClient = createQueryClient();
  const history = createMemoryHistory({ initialEntries: ['/inbox'] });
  render(
    <LiveContext value={{ link, store: new RunStore(link, clock) }}>
      <App queryClient={queryClient} router={createAppRouter(queryClient, history)} />
    </LiveContext>,
  );
  await screen.findByText('Nothing needs you.');
  await waitFor(() => expect(live.sockets).not.toHaveLength(0));
  waiting = [fakeRequest()];
  act(() => {
    live.last.accept();
    live.last.say({ type: 'inbox', change: 'subscribed', request: null, needs_me: 1 });
  });
  expect(await screen.findByTestId('inbox-row')).toBeVisible();
});
