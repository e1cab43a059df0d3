import { QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
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

interface CardProps {
  chart?: ChartRef;
  onUpdate?: () => void;
}

function Card({ chart = reference, onUpdate }: CardProps) {
  return useCards('t1').chart(chart, onUpdate ?? null);
}

const asked = { query_id: 'q1', handle: 'Q1' };

function chartWith(cites: Citation[]): Chart {
  return {
    ...reference,
    id: 'c1',
    query_id: 'q1',
    spec: { mark: 'bar' },
    row_count: 1,
    truncated: false,
    kinds: [],
    figures: [{ path: '', text: title, cites }],
    data: [{ revenue_eur: 4000 }],
    created_at: '2026-11-20T14:02:00Z',
  };
}

function show(cites: Citation[]) {
  new FakeServer()
    .on('GET /charts/:id', () => chartWith(cites))
    .on('GET /queries/:id', () => ({ ...asked, versions: [] }));
  render(
    <QueryClientProvider client={createQueryClient()}>
      <Card />
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

describe('a chart card whose query has been changed', () => {
  const versions = [1, 2].map((version) => ({ version, status: 'done' }));

  it('says so, and is drawn anew when the answer was updated', async () => {
    let drawn = chartWith([]);
    new FakeServer()
      .on('GET /charts/:id', () => drawn)
      .on('GET /queries/:id', () => ({ ...asked, versions }));
    const client = createQueryClient();
    const onUpdate = vi.fn();
    const card = (chart: ChartRef) => (
      <QueryClientProvider client={client}>
        <Card chart={chart} onUpdate={onUpdate} />
      </QueryClientProvider>
    );
    const { rerender } = render(card(reference));
    await screen.findByText('Drawn from Q1 v1; v2 is newer.');
    await userEvent.setup().click(screen.getByRole('button', { name: 'Update the answer' }));
    expect(onUpdate).toHaveBeenCalledOnce();

    const newer = { title: 'Revenue reached €8,000', version: 2, result_id: 'r2' };
    drawn = { ...drawn, ...newer, query_version: 2 };
    rerender(card({ ...reference, ...newer, query_version: 2 }));
    await screen.findByRole('region', { name: 'Chart C1: Revenue reached €8,000' });
    await waitFor(() => expect(screen.queryByText(/is newer/)).toBeNull());
    expect(screen.getByText('from Q1 v2 · 1 row')).toBeVisible();
  });
});

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
