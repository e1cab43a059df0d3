import { QueryClientProvider } from '@tanstack/react-query';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type {
  AnswerCard,
  CardValue,
  RefusalData,
  SingleFactCard,
  TrendCard,
} from '@/api/answer-parts';
import type { Part } from '@/api/parts';
import { createQueryClient } from '@/api/query-client';
import { AnswerBody } from './answer';
import { answerBlocks } from './answer-blocks';
import { citesOf } from './card-cites';
import { plainText } from './copy-forms';
import { spots } from './sparkline';

const query = {
  handle: 'Q1',
  query_id: 'q1',
  version: 1,
  result_id: 'r1',
  source_id: 's1',
  ran_at: '2026-01-02T03:04:05Z',
  lines: { n: 'COUNT(*) AS n' },
};
const base = { title: 'Orders', unit: null, source_name: 'Shop', query };
const value = (row: number, raw: string): CardValue => ({
  text: Number(raw).toLocaleString('en'),
  raw,
  ref: { query_id: 'q1', version: 1, row, column: 'n', key: { row: String(row) } },
});
const fact: SingleFactCard = {
  ...base,
  kind: 'single_fact',
  value: value(0, '1200'),
  subject: 'Paris',
  period: 'March 2025',
};
const comparison: AnswerCard = {
  ...base,
  kind: 'comparison',
  dimension: 'City',
  period: null,
  entries: [
    { label: 'Lyon', value: value(0, '80') },
    { label: 'Paris', value: value(1, '100') },
  ],
  delta: {
    text: '+20',
    percent_text: '+25.0%',
    minuend: value(1, '100'),
    subtrahend: value(0, '80'),
    formula: 'Q1.v1[1].n - Q1.v1[0].n',
  },
};
const months = ['2025-01-01', '2025-02-01', '2025-04-01'];
const trend: TrendCard = {
  ...base,
  kind: 'trend',
  dimension: 'Month',
  groups: [
    {
      label: '',
      points: months.map((at, row) => ({
        x: at.slice(0, 7),
        at,
        value: value(row, `${row + 1}0`),
      })),
      direction: 'up',
      change_text: '+200%',
      change: {
        text: '+20',
        percent_text: '+200%',
        minuend: value(2, '30'),
        subtrahend: value(0, '10'),
        formula: 'Q1.v1[2].n - Q1.v1[0].n',
      },
      partial: false,
    },
  ],
};
const part = (card: AnswerCard): Part => ({ type: 'data-card', id: 'card:0', data: card });
const text = (said: string): Part => ({ type: 'text', text: said, state: 'done' });
const refused = (data: RefusalData): Part => ({ type: 'data-refusal', id: 'refusal', data });
const none = { query: () => null, chart: () => null, document: () => null, request: () => null };
const show = (parts: Part[], onAsk: ((question: string) => void) | null = null) => {
  const client = createQueryClient();
  client.setQueryData(['queries', 'q1'], { query_id: 'q1', handle: 'Q1', versions: [] });
  client.setDefaultOptions({ queries: { staleTime: Infinity } });
  render(
    <QueryClientProvider client={client}>
      <AnswerBody parts={parts} cards={none} onAsk={onAsk} />
    </QueryClientProvider>,
  );
  return userEvent.setup();
};

/** The one at a place, which has to be there. */
function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new Error(`There is no number ${index}.`);
  return found;
}

describe('cards', () => {
  it('show a fact with the receipt of its cell', async () => {
    const user = show([part(fact)]);
    const card = await screen.findByTestId('answer-card');
    expect(card).toHaveAccessibleName('Orders');
    expect(card).toHaveTextContent('Paris · March 2025');
    await user.click(within(card).getByTestId('cite'));
    const popover = await screen.findByTestId('cite-popover');
    expect(popover).toHaveTextContent('One cell of a result');
    expect(popover).toHaveTextContent('COUNT(*) AS n');
    expect(within(popover).getByRole('button', { name: 'Go to cell' })).toBeVisible();
  });

  it('show a comparison with its difference, which is computed', async () => {
    const user = show([part(comparison)]);
    const card = await screen.findByTestId('answer-card');
    const figures = within(card).getAllByTestId('cite');
    expect(figures.map((one) => one.textContent)).toEqual(['80', '100', '+20 (+25.0%)']);
    expect(card).toHaveTextContent('Paris against Lyon');
    await user.click(at(figures, 2));
    const popover = await screen.findByTestId('cite-popover');
    expect(popover).toHaveTextContent('ƒ Q1.v1[1].n - Q1.v1[0].n');
  });

  it('show a trend with a picture that says what it shows, and all its values', async () => {
    show([part(trend)]);
    const picture = await screen.findByRole('img');
    expect(picture).toHaveAccessibleName(
      'Orders: from 10 (2025-01) to 30 (2025-04); lowest 10, highest 30',
    );
    const card = screen.getByTestId('answer-card');
    expect(within(card).getAllByRole('row', { hidden: true })).toHaveLength(3);
    const shown = within(card).getAllByTestId('cite');
    const cites = citesOf(trend);
    for (const figure of shown)
      expect(figure).toHaveTextContent(at(cites, Number(figure.dataset.index)).shown);
  });

  it('leave a gap in the line where the data has one', () => {
    const line = spots(at(trend.groups, 0).points).map(({ x }) => x);
    expect(at(line, 2) - at(line, 1)).toBeGreaterThan(1.5 * (at(line, 1) - at(line, 0)));
  });

  it('stand before the grid of their query', () => {
    const version = { query_id: 'q1', handle: 'Q1', version: 1, status: 'done' };
    const made = { type: 'data-query', id: 'q1:1', data: version } as Part;
    const kinds = answerBlocks([made, part(fact), text('So much.')]).map(({ kind }) => kind);
    expect(kinds).toEqual(['card', 'text', 'query']);
  });

  it('are copied in words', () => {
    expect(plainText([part(comparison)])).toBe('Orders (Q1 v1)\n- Lyon: 80\n- Paris: 100');
  });
});

describe('a refusal', () => {
  const data: RefusalData = {
    reason: 'unanswerable',
    explanation: 'There are no ages here.',
    nearest: 'How many customers are there?',
  };

  it('says why, and asks something else at a click', async () => {
    const ask = vi.fn();
    const user = show([text(`${data.explanation}\n\n→ ${data.nearest}`), refused(data)], ask);
    const card = await screen.findByTestId('refusal-card');
    expect(card).toHaveAccessibleName('This data cannot answer that');
    expect(screen.getAllByText(data.explanation)).toHaveLength(1);
    await user.click(within(card).getByRole('button', { name: `Ask instead: ${data.nearest}` }));
    expect(ask).toHaveBeenCalledWith(data.nearest);
  });

  it('offers the further questions of a text that names several', async () => {
    const ask = vi.fn();
    const said = `${data.explanation}\n\n1. **${data.nearest}**\n2) Orders by city?`;
    const user = show([text(said), refused(data)], ask);
    await user.click(await screen.findByRole('button', { name: 'Orders by city?' }));
    expect(ask).toHaveBeenCalledWith('Orders by city?');
    expect(screen.getAllByRole('button')).toHaveLength(2);
  });

  it('offers nothing to click where nothing can be asked', async () => {
    show([refused(data)]);
    expect(await screen.findByText(`Ask instead: ${data.nearest}`)).toBeVisible();
    expect(screen.queryByRole('button')).toBeNull();
  });
});

describe('options', () => {
  const options: Part = {
    type: 'data-options',
    id: 'options',
    data: { question: 'Which revenue?', options: ['Gross', 'Net'] },
  };

  it('answer at a click; the list in words is not shown beside them', async () => {
    const ask = vi.fn();
    const user = show([text('Which revenue?\n\n1. Gross\n2) **Net**'), options], ask);
    const group = await screen.findByRole('group', { name: 'Which revenue?' });
    expect(screen.getAllByText('Which revenue?')).toHaveLength(1);
    expect(screen.queryByRole('listitem')).toBeNull();
    await user.click(within(group).getByRole('button', { name: 'Net' }));
    expect(ask).toHaveBeenCalledWith('Net');
  });

  it('are asked about when no text does', async () => {
    show([options]);
    expect(await screen.findByText('Which revenue?')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Gross' })).toBeDisabled();
  });
});
