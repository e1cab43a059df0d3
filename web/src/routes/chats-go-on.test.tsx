import { configure, screen, within } from '@testing-library/react';
import { beforeEach, expect, it } from 'vitest';
import type { Message } from '@/api/types';
import { fakeThread } from '@/testing/fakes';
import { fakeServer, renderApp } from '@/testing/render';

const AT = '2026-11-20T14:02:00Z';
// The first render waits for lazily loaded modules; a busy machine takes its time.
configure({ asyncUtilTimeout: 10_000 });

const QUESTIONS = ['Revenue by city?', 'And last year?'];
const message = (id: string, role: Message['role'], parts: unknown[]): Message => {
  const fields = { status: 'complete', metadata: {}, created_at: AT } as const;
  return { id, role, parts: parts as Message['parts'], ...fields };
};
const said = (text: string) => ({ type: 'text', text, state: 'done' });
const answer = (id: string) =>
  message(id, 'assistant', [
    said(`It was five.\n\n1. ${QUESTIONS.join('\n2. ')}`),
    { type: 'data-followups', id: 'followups', data: { questions: QUESTIONS } },
    {
      type: 'data-definition',
      id: 'd1',
      data: { definition_id: 'd1', name: 'Revenue', status: 'certified', version: 2 },
    },
  ]);

let sent: unknown[];

function open(messages: Message[]) {
  const server = fakeServer()
    .on('GET /threads/:id', () => fakeThread())
    .on('GET /threads/:id/messages', () => ({ data: messages }))
    .on('POST /threads/:id/messages', ({ body }) => {
      sent.push(body);
      return { message_id: 'u9', run_id: 'r9', thread_id: 't1', queued: false, ahead: 0 };
    });
  return renderApp('/chats/t1', server);
}

beforeEach(() => {
  sent = [];
});

it('asks what the last answer suggests, at a click', async () => {
  const first = [message('u1', 'user', [said('How much?')]), answer('a1')];
  const { user } = open([...first, message('u2', 'user', [said('And now?')]), answer('a2')]);
  const group = await screen.findByTestId('follow-ups');
  expect(screen.queryByText('1. Revenue', { exact: false })).toBeNull();
  await user.click(within(group).getByRole('button', { name: 'And last year?' }));
  expect(sent).toMatchObject([{ text: 'And last year?' }]);
});

it('lets a suggestion be changed before it is sent', async () => {
  const { user } = open([message('u1', 'user', [said('How much?')]), answer('a1')]);
  const edit = await screen.findByRole('button', { name: `Put into the message: ${QUESTIONS[0]}` });
  await user.click(edit);
  expect(screen.getByRole('textbox', { name: 'Message' })).toHaveValue(QUESTIONS[0]);
  expect(sent).toEqual([]);
});

it('names the definitions that an answer used', async () => {
  open([message('u1', 'user', [said('How much?')]), answer('a1')]);
  const chip = await screen.findByTestId('definition-chip');
  expect(chip).toHaveAttribute('href', '/definitions/d1');
  expect(chip).toHaveTextContent('Revenue · Certified');
});
