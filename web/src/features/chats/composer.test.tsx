import { fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { asQuestion } from './commands';
import { Composer, type ComposerProps } from './composer';
import type { Suggestion } from './suggestions';
import type { Suggest } from './use-suggestions';

interface Calls {
  sent: string[];
  stops: number;
  files: string[];
}

function show(changes: Partial<ComposerProps> = {}) {
  const calls: Calls = { sent: [], stops: 0, files: [] };
  const props: ComposerProps = {
    thread: 't1',
    running: false,
    stopping: false,
    sending: false,
    history: ['first question', 'second question'],
    onSend: (text) => calls.sent.push(text),
    onStop: () => (calls.stops += 1),
    onFiles: (files) => calls.files.push(...files.map(({ name }) => name)),
    chips: null,
    ...changes,
  };
  const view = render(<Composer {...props} />);
  const field = screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message' });
  return { user: userEvent.setup(), calls, field, view };
}

beforeEach(() => localStorage.clear());

describe('sending', () => {
  it('sends with Enter and empties the field', async () => {
    const { user, calls, field } = show();
    await user.type(field, 'how many orders?{Enter}');
    expect(calls.sent).toEqual(['how many orders?']);
    expect(field.value).toBe('');
  });

  it('starts a new line with Shift and Enter', async () => {
    const { user, calls, field } = show();
    await user.type(field, 'a{Shift>}{Enter}{/Shift}b');
    expect(field.value).toBe('a\nb');
    expect(calls.sent).toEqual([]);
  });

  it('leaves Enter to an input method that is choosing characters', () => {
    const { calls, field } = show();
    fireEvent.change(field, { target: { value: '注文' } });
    fireEvent.keyDown(field, { key: 'Enter', isComposing: true });
    fireEvent.keyDown(field, { key: 'Enter', keyCode: 229 });
    expect(calls.sent).toEqual([]);
    fireEvent.keyDown(field, { key: 'Enter', keyCode: 13 });
    expect(calls.sent).toEqual(['注文']);
  });

  it('sends nothing but blanks never', async () => {
    const { user, calls, field } = show();
    await user.type(field, '   {Enter}');
    expect(calls.sent).toEqual([]);
    expect(screen.getByTestId<HTMLButtonElement>('send').disabled).toBe(true);
  });
});

describe('while a run is active', () => {
  it('offers Stop, keeps typing possible and queues with Enter', async () => {
    const { user, calls, field } = show({ running: true });
    expect(screen.queryByTestId('send')).toBeNull();
    await user.type(field, 'next');
    expect(screen.getByTestId('send').getAttribute('aria-label')).toBe('Queue');
    await user.keyboard('{Enter}');
    expect(calls.sent).toEqual(['next']);
    await user.click(screen.getByTestId('stop'));
    expect(calls.stops).toBe(1);
  });

  it('stops with Escape, but not while an input method is open', () => {
    const { calls, field } = show({ running: true });
    fireEvent.keyDown(field, { key: 'Escape', isComposing: true });
    expect(calls.stops).toBe(0);
    fireEvent.keyDown(field, { key: 'Escape' });
    expect(calls.stops).toBe(1);
  });

  it('says that it is stopping and takes no second click', async () => {
    const { user, calls } = show({ running: true, stopping: true });
    const stop = screen.getByTestId('stop');
    expect(stop.textContent).toContain('Stopping');
    await user.click(stop);
    expect(calls.stops).toBe(0);
  });
});

describe('drafts and recall', () => {
  it('keeps what was typed for its own thread only', async () => {
    const { user, field, view } = show();
    await user.type(field, 'half a thought');
    view.unmount();
    expect(show({ thread: 't2' }).field.value).toBe('');
    document.body.replaceChildren();
    expect(show({ thread: 't1' }).field.value).toBe('half a thought');
  });

  it('recalls earlier questions with Up and comes back with Down', async () => {
    const { user, field } = show();
    await user.type(field, '{ArrowUp}');
    expect(field.value).toBe('second question');
    await user.keyboard('{ArrowUp}{ArrowUp}');
    expect(field.value).toBe('first question');
    await user.keyboard('{ArrowDown}{ArrowDown}');
    expect(field.value).toBe('');
  });

  it('leaves Up alone in a text of one’s own', async () => {
    const { user, field } = show();
    await user.type(field, 'mine{ArrowUp}');
    expect(field.value).toBe('mine');
  });
});

it('gives pasted files to the page and leaves pasted text in the field', () => {
  const { calls, field } = show();
  const file = new File(['a,b'], 'orders.csv', { type: 'text/csv' });
  fireEvent.paste(field, { clipboardData: { files: [file] } });
  expect(calls.files).toEqual(['orders.csv']);
});

describe('suggestions', () => {
  const entries: Record<string, Suggestion[]> = {
    '@': [
      { text: 'Q1', detail: 'Revenue' },
      { text: 'orders', detail: 'table' },
      { text: 'orders.amount', detail: 'decimal' },
    ],
    '/': [{ text: '/sql', detail: 'Run SQL' }],
  };
  const suggest: Suggest = { of: (sign) => entries[sign] ?? [], onMention: () => undefined };

  it('completes a mention with the keyboard and does not send', async () => {
    const { user, calls, field } = show({ suggest });
    await user.type(field, 'total of @ord{ArrowDown}');
    expect(screen.getByRole('option', { selected: true })).toHaveTextContent('orders.amount');
    expect(field).toHaveAttribute(
      'aria-activedescendant',
      screen.getByRole('option', { selected: true }).id,
    );
    await user.keyboard('{Enter}');
    expect(field.value).toBe('total of orders.amount ');
    expect(calls.sent).toEqual([]);
    expect(screen.queryByRole('listbox')).toBeNull();
  });

  it('closes with Escape, without stopping the run', async () => {
    const { user, calls, field } = show({ suggest, running: true });
    await user.type(field, '@{Escape}');
    expect(screen.queryByRole('listbox')).toBeNull();
    expect(calls.stops).toBe(0);
    await user.keyboard('{Escape}');
    expect(calls.stops).toBe(1);
  });

  it('offers commands only at the beginning, and mentions not inside an address', async () => {
    const { user, field } = show({ suggest });
    await user.type(field, '/s');
    expect(screen.getByRole('option')).toHaveTextContent('/sql');
    await user.clear(field);
    await user.type(field, 'mail ada@ord');
    expect(screen.queryByRole('listbox')).toBeNull();
    await user.clear(field);
    await user.type(field, 'either /s');
    expect(screen.queryByRole('listbox')).toBeNull();
  });

  it('opens what /model names instead of sending it', async () => {
    let opened = 0;
    const chips = (
      <button data-chip="model" onClick={() => (opened += 1)}>
        Model
      </button>
    );
    const { user, calls, field } = show({ suggest, chips });
    await user.type(field, '/model{Enter}');
    expect([opened, calls.sent, field.value]).toEqual([1, [], '']);
  });
});

describe('asQuestion', () => {
  it.each([
    ['/chart revenue by month', 'revenue by month as a chart'],
    ['/describe orders', 'Describe the table orders'],
    ['/chart', '/chart'],
    ['how much?', 'how much?'],
  ])('%s', (text, question) => expect(asQuestion(text)).toBe(question));
});
