import { QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { createQueryClient } from '@/api/query-client';
import type { ChartRef, Citation } from '@/api/parts';
import type { Chart } from '@/api/types';
import { FakeServer } from '@/testing/server';
import { useCards } from './chats-cards';

const title = 'Revenue reached €4,000, up 37%';
const reference: ChartRef = {
  chart_id: 'c1',
  handle: 'C1',
  title,
  version: 1,
  result_id: 'r1',
  query_handle: 'Q1',
  query_version: 1,
};
const filled: Citation = {
  text: 0,
  start: title.indexOf('€'),
  end: title.indexOf(', up'),
  shown: '€4,000',
  kind: 'exact',
  value: '4000',
  type: 'float64',
  formula: 'Q1.v1[2].revenue_eur',
  format: 'eur 0',
  reason: null,
  cells: [
    {
      query: 'Q1',
      version: 1,
      query_id: 'q1',
      result_id: 'r1',
      row: 2,
      key: { month: '2025-03-01' },
      column: 'revenue_eur',
      value: '4000',
      line: 'SUM(amount) AS revenue_eur',
      source: 'Retail sample',
      ran_at: '2026-11-20T14:02:00Z',
    },
  ],
};
const typed: Citation = {
  ...filled,
  start: title.indexOf('37%'),
  end: title.length,
  shown: '37%',
  kind: 'untraced',
  value: '37',
  formula: null,
  format: null,
  reason: 'no result holds it',
  cells: [],
};

function Card() {
  return useCards('t1').chart(reference);
}

function show(cites: Citation[]) {
  const chart: Chart = {
    ...reference,
    id: 'c1',
    spec: { mark: 'bar' },
    row_count: 1,
    truncated: false,
    kinds: [],
    figures: [{ path: '', text: title, cites }],
    data: [{ revenue_eur: 4000 }],
    created_at: '2026-11-20T14:02:00Z',
  };
  new FakeServer()
    .on('GET /charts/:id', () => chart)
    .on('GET /queries/:id', () => ({ query_id: 'q1', handle: 'Q1', versions: [] }));
  render(
    <QueryClientProvider client={createQueryClient()}>
      <Card />
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

describe('figures of a chart card', () => {
  it('show where they come from', async () => {
    const user = show([filled]);
    const card = await screen.findByRole('region', { name: `Chart C1: ${title}` });
    await user.click(await within(card).findByRole('button', { name: /€4,000/ }));
    const receipt = await screen.findByTestId('cite-popover');
    expect(receipt).toHaveTextContent('One cell of a result');
    expect(receipt).toHaveTextContent('Q1 v1');
    expect(receipt).toHaveTextContent('2025-03-01');
    expect(receipt).toHaveTextContent('SUM(amount) AS revenue_eur');
    expect(receipt).toHaveTextContent('Retail sample');
    expect(within(receipt).getByRole('button', { name: 'Go to cell' })).toBeVisible();
    // Whoever closes it is back at the figure, and it stays closed.
    await user.keyboard('{Escape}');
    const figure = within(card).getByRole('button', { name: /€4,000/ });
    await waitFor(() => expect(figure).toHaveFocus());
    expect(screen.queryByTestId('cite-popover')).toBeNull();
  });

  it('say so when one has no receipt', async () => {
    const user = show([filled, typed]);
    const chip = await screen.findByTestId('chart-trace');
    expect(chip).toHaveAttribute('data-state', 'untraced');
    await user.click(screen.getByRole('button', { name: /37%/ }));
    const receipt = await screen.findByTestId('cite-popover');
    expect(receipt).toHaveTextContent('no result holds it');
    expect(within(receipt).queryByRole('button', { name: 'Go to cell' })).toBeNull();
  });
});
