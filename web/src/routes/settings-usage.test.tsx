import { screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Budget } from '@/api/types';
import { fakeServer, renderApp } from '@/testing/render';

const report = {
  since: '2026-11-19',
  until: '2026-11-20',
  group_by: 'model',
  rows: [
    {
      day: '2026-11-19',
      key: 'm1',
      name: 'Small',
      calls: 3,
      input_tokens: 1200,
      output_tokens: 300,
      cost: '0.012',
      unpriced_calls: 1,
      uncounted_calls: 0,
    },
  ],
};

const budget: Budget = {
  id: 'b1',
  subject: 'organization',
  member_id: null,
  agent_id: null,
  unit: 'usd',
  period: 'month',
  soft_limit: '80',
  hard_limit: '100',
  windows: [{ of: null, spent: '85', reserved: '0' }],
};

function withUsage(budgets: Budget[], found: unknown = report) {
  return fakeServer()
    .on('GET /usage', () => found)
    .on('GET /agents', () => ({ data: [], next: null }))
    .on('GET /budgets', () => budgets);
}

test('a sum that leaves calls out says so, and the chart is said in words', async () => {
  renderApp('/settings/usage', withUsage([]));
  const table = await screen.findByRole('table', { name: 'Usage' });
  expect(within(table).getByText('≥ $0.0120')).toHaveAttribute(
    'title',
    'One call has no known price',
  );
  expect(within(table).getByText('1,200')).toBeInTheDocument();
  expect(screen.getByRole('img', { name: '1,500 tokens in 2 days' })).toBeInTheDocument();
  expect(await screen.findByText(/No budget is set/)).toBeInTheDocument();
});

test('a budget shows how full it is and that its soft limit is reached', async () => {
  renderApp('/settings/usage', withUsage([budget], { ...report, rows: [] }));
  expect(await screen.findByText('Nothing used yet')).toBeInTheDocument();
  const heading = await screen.findByRole('heading', { name: 'Organization: dollars per month' });
  expect(heading.closest('li')).toHaveTextContent('$85.00 of $100.00Soft limit reached');
});

test('a budget needs a limit, and a run has no period to choose', async () => {
  const server = withUsage([]).on('POST /budgets', () => budget);
  const { user } = renderApp('/settings/usage', server);
  await user.click(await screen.findByRole('button', { name: 'Add budget' }));
  const dialog = await screen.findByRole('dialog', { name: 'Add budget' });
  await user.click(within(dialog).getByRole('button', { name: 'Set budget' }));
  expect(
    await within(dialog).findAllByText('Give a soft limit, a hard limit, or both.'),
  ).not.toEqual([]);
  await user.selectOptions(within(dialog).getByLabelText('Of'), 'Each run');
  expect(within(dialog).queryByLabelText('Per')).toBeNull();
  await user.type(within(dialog).getByLabelText(/Hard limit/), '2.50');
  await user.click(within(dialog).getByRole('button', { name: 'Set budget' }));
  await expect
    .poll(() => server.sent('POST /budgets'))
    .toEqual([
      { subject: 'run', unit: 'usd', period: 'run', soft_limit: null, hard_limit: '2.50' },
    ]);
});
