import { screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { RunStatus } from '@/api/types';
import { fakeThread } from '@/testing/fakes';
import { fakeServer, renderApp } from '@/testing/render';

const chat = (title: string, status: RunStatus) =>
  fakeThread({ id: title, title, active_run: { id: `run of ${title}`, status } });

test('a chat that waits for a person is not said to be running', async () => {
  const server = fakeServer().on('GET /threads', () => ({
    data: [chat('Correct', 'waiting'), chat('Count', 'running'), chat('Next', 'queued')],
    next: null,
  }));
  renderApp('/chats', server);
  const row = async (title: string) =>
    within(await screen.findByRole('row', { name: new RegExp(title) }));
  const waits = await row('Correct');
  expect(waits.getByText('Waiting for a person')).toBeVisible();
  expect(waits.queryByText('Running')).toBeNull();
  const runs = await row('Count');
  expect(runs.getByText('Running')).toBeVisible();
  expect(runs.queryByText('Waiting for a person')).toBeNull();
  expect((await row('Next')).getByText('Queued')).toBeVisible();
});
