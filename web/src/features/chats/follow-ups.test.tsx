import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { Part } from '@/api/parts';
import { AnswerFooter } from './answer';
import { answerBlocks } from './answer-blocks';
import FollowUps from './follow-ups';
import { withoutList } from '@/lib/spoken';

const text = (said: string): Part => ({ type: 'text', text: said, state: 'done' });

describe('follow-ups', () => {
  const questions = ['Revenue by city?', 'And last year?'];

  it('are asked by click, key and digit, or changed first', async () => {
    const [ask, edit] = [vi.fn(), vi.fn()];
    render(<FollowUps questions={questions} onAsk={ask} onEdit={edit} />);
    const user = userEvent.setup();
    const first = screen.getByRole('button', { name: 'Revenue by city?' });
    const second = screen.getByRole('button', { name: 'And last year?' });
    await user.click(first);
    second.focus();
    await user.keyboard('{Enter}');
    await user.keyboard('{Alt>}[Digit2]{/Alt}');
    expect(ask.mock.calls.flat()).toEqual([questions[0], questions[1], questions[1]]);
    await user.keyboard('{Alt>}');
    await user.click(first);
    await user.keyboard('{/Alt}');
    await user.click(screen.getByRole('button', { name: `Put into the message: ${questions[1]}` }));
    expect(edit.mock.calls.flat()).toEqual(questions);
    expect(ask).toHaveBeenCalledTimes(3);
  });

  it('are not shown as text as well', () => {
    const said = 'It was 5.\n\nYou could also ask:\n\n1. Revenue by city?\n2. And last year?\n';
    const parts: Part[] = [
      text(said),
      { type: 'data-followups', id: 'followups', data: { questions } },
    ];
    const [block] = answerBlocks(parts);
    expect(block?.kind === 'text' && block.text).toBe('It was 5.');
  });

  it.each([
    ['a list that is not theirs', 'One\n\n1. Other\n2. And last year?'],
    ['a list in the middle', '1. Revenue by city?\n2. And last year?\n\nThe end.'],
  ])('leave %s alone', (_, said) => expect(withoutList(said, questions)).toBe(said));
});

describe('the footer', () => {
  const metadata = { usage: { input_tokens: 900, output_tokens: 100, cost: null } };
  const footer = (parts: Part[]) =>
    render(
      <AnswerFooter
        threadId="t1"
        messageId="m1"
        parts={parts}
        metadata={metadata}
        createdAt="2026-01-02T03:04:05Z"
        onRegenerate={null}
      />,
    );

  it('tells what each step used', async () => {
    const used = { input_tokens: 300, output_tokens: 40, cost: '0.002' };
    footer([{ type: 'data-usage', id: 'usage', data: { by_node: { router: used, own: used } } }]);
    await userEvent.setup().click(await screen.findByTestId('usage-by-node'));
    const rows = screen.getAllByRole('row').map((row) => row.textContent);
    expect(rows[1]).toBe('Understanding the question30040$0.0020');
    expect(rows[2]).toContain('own');
  });
});
