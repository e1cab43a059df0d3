import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { Budget } from '@/api/types';
import { fakeAgent } from '@/testing/fakes';
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

test('a budget of one person or agent says whose it is', async () => {
  const budgets: Budget[] = [
    { ...budget, id: 'b2', subject: 'agent', agent_id: 'a1' },
    { ...budget, id: 'b3', subject: 'member', member_id: 'u1' },
    { ...budget, id: 'b4', subject: 'member' },
  ];
  const server = withUsage(budgets)
    .on('GET /agents', () => ({ data: [fakeAgent({ id: 'a1', name: 'Nora' })], next: null }))
    .on('GET /members', () => ({ data: [{ user: { id: 'u1', name: 'Dana Ray' } }], next: null }));
  renderApp('/settings/usage', server);
  for (const whose of ['Nora', 'Dana Ray', 'Each member'])
    expect(
      await screen.findByRole('heading', { name: `${whose}: dollars per month` }),
    ).toBeInTheDocument();
});

test('what is shown is in the address', async () => {
  const server = withUsage([]);
  const { user, router } = renderApp('/settings/usage?by=agent', server);
  await screen.findByRole('table', { name: 'Usage' });
  expect(screen.getByLabelText('By')).toHaveValue('agent');
  await user.selectOptions(screen.getByLabelText('Period'), 'Last 7 days');
  await waitFor(() => expect(router.state.location.search).toEqual({ by: 'agent', since: '7d' }));
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
