import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { RunHistogram, RunRow } from '@/api/types';
import { fakeRun } from '@/testing/fakes-runs';
import { violations } from '@/testing/axe';
import { fakeServer, renderApp } from '@/testing/render';

const AT = '2026-11-18T14:02:00Z';

const histogram: RunHistogram = {
  since: AT,
  until: AT,
  bucket_seconds: 60,
  bars: [{ at: AT, succeeded: 2, failed: 1, cancelled: 0, active: 0 }],
  total: 3,
};

const withRuns = (...runs: RunRow[]) =>
  fakeServer()
    .on('GET /runs', () => ({ data: runs, next: null }))
    .on('GET /runs/histogram', () => histogram);

test('a list says what each run was, how it stands, and never calls unknown zero', async () => {
  renderApp(
    '/runs',
    withRuns(
      fakeRun({ title: 'Priced' }),
      fakeRun({ id: 'r2', title: 'Half priced', cost: null, cost_at_least: '0.5' }),
      fakeRun({ id: 'r3', title: 'Unpriced', cost: null, cost_at_least: null, status: 'failed' }),
    ),
  );
  const row = async (name: string) =>
    within((await screen.findByRole('link', { name })).closest('tr') ?? document.body);
  expect((await row('Priced')).getByText('$0.0042')).toBeVisible();
  expect((await row('Half priced')).getByText('≥ $0.50')).toBeVisible();
  const unpriced = await row('Unpriced');
  expect(unpriced.getByText('—')).toBeVisible();
  expect(unpriced.getByText('Failed')).toBeVisible();
  // The failure of the run itself is an error, also where no call failed.
  expect(unpriced.getByText('1')).toBeVisible();
  expect(screen.getByRole('img')).toHaveAccessibleName(/3 runs, 1 failed, 0 stopped/);
  expect(await violations()).toEqual([]);
});

test('filters are in the address and in what is asked', async () => {
  const { user, server, router } = renderApp('/runs?status=active', withRuns(fakeRun()));
  const asked = () => server.requests.filter(({ path }) => path === '/runs').at(-1)?.query;
  await screen.findByRole('link', { name: 'How many orders?' });
  expect(asked()?.getAll('status')).toEqual(['queued', 'running', 'waiting', 'paused']);
  await user.selectOptions(screen.getByLabelText('Status'), 'failed');
  await waitFor(() => expect(router.state.location.search).toEqual({ status: 'failed' }));
  await user.type(screen.getByLabelText('Search questions'), 'orders');
  await waitFor(() => expect(asked()?.get('q')).toBe('orders'));
  expect(asked()?.getAll('status')).toEqual(['failed']);
  await user.selectOptions(screen.getByLabelText('Period'), 'all');
  await waitFor(() => expect(asked()?.get('since')).toBeNull());
  expect(router.state.location.search).toEqual({ status: 'failed', q: 'orders', since: 'all' });
});

test('an empty period offers a longer one', async () => {
  const { user, router } = renderApp('/runs', withRuns());
  await screen.findByText('No runs in this period.');
  await user.click(screen.getByRole('button', { name: 'All time' }));
  await waitFor(() => expect(router.state.location.search).toEqual({ since: 'all' }));
});
