import { act, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import type { DecisionInput, InboxDetail } from '@/api/types';
import { fakeAction, fakeRequest } from '@/testing/fakes-inbox';
import { fakeRun, fakeStep, fakeSteps } from '@/testing/fakes-runs';
import { violations } from '@/testing/axe';
import { fakeServer, renderApp } from '@/testing/render';
import { problem } from '@/testing/server';

afterEach(() => {
  vi.useRealTimers();
});

const DECIDED = {
  status: 'approved',
  decided_by: { id: 'u2', name: 'Dana' },
  decided_at: new Date(2026, 10, 18, 14, 2).toISOString(),
  may_decide: false,
} as const;

/** A server that decides like the real one: the first decision counts. */
function deciding(request: InboxDetail) {
  let now = request;
  const server = fakeServer()
    .on('GET /requests', () => ({ data: [now], next: null }))
    .on('GET /requests/:id', () => now)
    .on('POST /requests/:id/read', () => now)
    .on('POST /requests/:id/preview', () => problem(409, 'no_preview'))
    .on('POST /requests/:id/decide', () => {
      if (now.status !== 'pending')
        return problem(409, 'already_decided', { detail: 'Approved by Dana, 14:02.' });
      now = { ...now, ...DECIDED };
      return now;
    })
    .on('GET /runs/:id', () => fakeRun())
    .on('GET /runs/:id/steps', () =>
      fakeSteps([fakeStep({ kind: 'tool', tool_call_id: 'call1', duration_ms: 3000 })]),
    );
  return { server, put: (changes: Partial<InboxDetail>) => (now = { ...now, ...changes }) };
}

const decisions = (server: ReturnType<typeof fakeServer>) =>
  server.sent('POST /requests/:id/decide') as DecisionInput[];

test('a changed argument is shown beside the original, and the button says so', async () => {
  const { server } = deciding(fakeRequest());
  const { user } = renderApp('/inbox/q1', server);
  const limit = await screen.findByLabelText(/Row limit/);
  expect(screen.getByRole('button', { name: 'Approve' })).toBeEnabled();
  await user.clear(limit);
  await user.type(limit, '5x');
  expect(screen.getByText('Enter a number that fits.')).toBeVisible();
  expect(screen.getByRole('button', { name: /^Approve/ })).toBeDisabled();
  await user.clear(limit);
  await user.type(limit, '5');
  await user.selectOptions(screen.getByLabelText('Mode'), 'safe');
  const diff = screen.getByRole('rowheader', { name: 'Row limit' }).closest('tr');
  expect(diff).toHaveTextContent('limit105');
  expect(await violations()).toEqual([]);
  await user.click(screen.getByRole('button', { name: 'Approve with edits' }));
  await screen.findByText(/^Approved by Dana, .*14:02$/);
  expect(decisions(server)[0]).toMatchObject({
    revision: 3,
    decisions: [
      { action_id: 'c1', type: 'edit', args: { table: 'orders', limit: 5, mode: 'safe' } },
    ],
  });
});

test('JSON and form are one value, and resetting brings the original back', async () => {
  const { server } = deciding(fakeRequest());
  const { user } = renderApp('/inbox/q1', server);
  await user.click(await screen.findByRole('tab', { name: 'JSON' }));
  const json = screen.getByRole('textbox', { name: 'JSON' });
  await user.clear(json);
  await user.click(json);
  await user.paste('{"table":"items"}');
  await user.click(screen.getByRole('tab', { name: 'Form' }));
  expect(screen.getByLabelText('Table')).toHaveValue('items');
  await user.click(screen.getByRole('button', { name: 'Reset' }));
  expect(screen.getByLabelText('Table')).toHaveValue('orders');
  expect(screen.getByRole('button', { name: 'Approve' })).toBeEnabled();
});

test('after a decision its effect is told, not a success that nobody has seen', async () => {
  const { server } = deciding(fakeRequest());
  const { user } = renderApp('/inbox/q1', server);
  await user.click(await screen.findByRole('button', { name: 'Approve' }));
  expect(await screen.findByText('Step finished in 3.0 s')).toBeVisible();
  expect(screen.queryByTestId('decision-bar')).toBeNull();
  expect(decisions(server)[0]?.decisions).toEqual([{ action_id: 'c1', type: 'approve' }]);
});

test('who comes second is told who was faster, and the buttons go', async () => {
  const { server, put } = deciding(fakeRequest());
  const { user } = renderApp('/inbox/q1', server);
  const approve = await screen.findByRole('button', { name: 'Approve' });
  put(DECIDED);
  await user.click(approve);
  expect(await screen.findByText('Approved by Dana, 14:02.')).toBeVisible();
  expect(await screen.findByText(/^Approved by Dana, .*14:02$/)).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Approve' })).toBeNull();
});

test.each([
  ['expired', 'Expired. Nobody decided in time.'],
  ['withdrawn', 'Withdrawn. What asked is no longer there. The run was stopped.'],
  ['superseded', 'Superseded. The tool has changed since.'],
] as const)('what is %s has no buttons and says what happened', async (status, said) => {
  const note = status === 'withdrawn' ? 'The run was stopped.' : '';
  const { server } = deciding(fakeRequest({ status, note, may_decide: false }));
  renderApp('/inbox/q1', server);
  expect(await screen.findByText(said)).toBeVisible();
  expect(screen.queryByTestId('decision-bar')).toBeNull();
  expect(screen.getByLabelText('Table')).toBeDisabled();
});

test('what cannot be undone is approved by typing its name', async () => {
  const { server } = deciding(fakeRequest({ risk: 'destructive' }));
  const { user } = renderApp('/inbox/q1', server);
  await user.click(await screen.findByRole('button', { name: 'Approve' }));
  const dialog = await screen.findByRole('dialog');
  const confirm = within(dialog).getByRole('button', { name: 'Approve' });
  expect(confirm).toBeDisabled();
  await user.type(within(dialog).getByLabelText('Name'), 'orders');
  await user.click(confirm);
  await waitFor(() => expect(decisions(server)).toHaveLength(1));
});

test('several actions are decided together, each in its own way', async () => {
  const second = fakeAction({ id: 'c2', title: 'Send a mail', tool_call_id: 'call2' });
  const { server } = deciding(fakeRequest({ actions: [fakeAction(), second] }));
  const { user } = renderApp('/inbox/q1', server);
  await user.selectOptions(await screen.findByLabelText('Decision for Send a mail'), 'reject');
  await user.type(screen.getByLabelText(/Reason for rejecting/), 'No mail');
  await user.click(screen.getByRole('button', { name: 'Send decisions' }));
  await waitFor(() =>
    expect(decisions(server)[0]?.decisions).toEqual([
      { action_id: 'c1', type: 'approve' },
      { action_id: 'c2', type: 'reject', message: 'No mail' },
    ]),
  );
});

test('an answer in words is sent as one, and only what is allowed is offered', async () => {
  const allow = { approve: false, edit: false, reject: true, respond: true };
  const question = fakeAction({ args: null, args_schema: null, allow });
  const { server } = deciding(fakeRequest({ kind: 'question', actions: [question] }));
  const { user } = renderApp('/inbox/q1', server);
  const send = await screen.findByRole('button', { name: 'Send response' });
  expect(send).toBeDisabled();
  expect(screen.queryByRole('button', { name: 'Approve' })).toBeNull();
  await user.type(screen.getByLabelText('Your answer to the agent'), 'Use EUR');
  await user.click(send);
  await waitFor(() =>
    expect(decisions(server)[0]?.decisions).toEqual([
      { action_id: 'c1', type: 'respond', message: 'Use EUR' },
    ]),
  );
});

test('an answer with options is chosen, and sent as the value it is', async () => {
  const allow = { approve: false, edit: false, reject: false, respond: true };
  const response = { type: 'string', enum: ['EUR', 'USD'] };
  const choice = fakeAction({ args: null, args_schema: null, response_schema: response, allow });
  const preview = { statement: 'update orders set x = 1' };
  const { server } = deciding(fakeRequest({ kind: 'question', actions: [choice], preview }));
  const { user } = renderApp('/inbox/q1', server);
  const send = await screen.findByRole('button', { name: 'Send response' });
  await waitFor(() => expect(send).toBeDisabled());
  expect(screen.getByRole('option', { name: 'Choose…' })).toBeInTheDocument();
  expect(screen.queryByRole('tab')).toBeNull();
  expect(screen.queryByRole('heading', { name: 'As you edited it' })).toBeNull();
  await user.selectOptions(screen.getByLabelText('Answer'), 'USD');
  await user.click(send);
  await waitFor(() =>
    expect(decisions(server)[0]?.decisions).toEqual([
      { action_id: 'c1', type: 'respond', args: 'USD' },
    ]),
  );
});

test('an approval from the keyboard can be taken back for five seconds', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const { server } = deciding(fakeRequest());
  const { user } = renderApp('/inbox', server);
  const link = await screen.findByRole('link', { name: /Steward wants to clean orders/ });
  link.focus();
  await user.keyboard('a');
  await user.click(await screen.findByRole('button', { name: 'Undo' }));
  await act(() => vi.advanceTimersByTimeAsync(6000));
  expect(decisions(server)).toHaveLength(0);
  link.focus();
  await user.keyboard('a');
  await act(() => vi.advanceTimersByTimeAsync(6000));
  await waitFor(() => expect(decisions(server)).toHaveLength(1));
});

test('a destructive request is not approved by a key but opened', async () => {
  const { server } = deciding(fakeRequest({ risk: 'destructive' }));
  const { user, router } = renderApp('/inbox', server);
  (await screen.findByRole('link', { name: /Steward wants/ })).focus();
  await user.keyboard('a');
  await waitFor(() => expect(router.state.location.pathname).toBe('/inbox/q1'));
  expect(decisions(server)).toHaveLength(0);
});

test('the list moves by keys, groups a run’s requests, and bulk asks before it approves', async () => {
  const all = [
    fakeRequest(),
    fakeRequest({ id: 'q2', title: 'Steward wants to clean items' }),
    fakeRequest({ id: 'q3', run_id: 'r2', title: 'Something else', risk: 'destructive' }),
  ];
  const server = fakeServer()
    .on('GET /requests', () => ({ data: all, next: null }))
    .on('POST /requests/bulk', () => ({
      results: ['q1', 'q2'].map((id) => ({ id, ok: true, status: 'approved' })),
    }));
  const { user } = renderApp('/inbox', server);
  const first = await screen.findByRole('link', { name: /clean orders/ });
  expect(screen.getByRole('button', { name: '2 requests of one run' })).toBeVisible();
  first.focus();
  await user.keyboard('xjx');
  expect(screen.getByText('2 selected')).toBeVisible();
  await user.click(screen.getByLabelText('Select Something else'));
  expect(screen.getByRole('button', { name: 'Approve selected' })).toBeDisabled();
  await user.click(screen.getByLabelText('Select Something else'));
  expect(await violations()).toEqual([]);
  await user.click(screen.getByRole('button', { name: 'Approve selected' }));
  const dialog = await screen.findByRole('dialog');
  expect(dialog).toHaveTextContent('Steward wants to clean items');
  expect(server.sent('POST /requests/bulk')).toHaveLength(0);
  await user.click(within(dialog).getByRole('button', { name: 'Approve selected' }));
  await waitFor(() =>
    expect(server.sent('POST /requests/bulk')).toEqual([{ ids: ['q1', 'q2'], type: 'approve' }]),
  );
});

test('an empty inbox shows what was decided last', async () => {
  const done = fakeRequest({ ...DECIDED, id: 'q9' });
  const server = fakeServer().on('GET /requests', ({ query }) => ({
    data: query.get('view') === 'done' ? [done] : [],
    next: null,
  }));
  renderApp('/inbox', server);
  expect(await screen.findByText('Nothing needs you.')).toBeVisible();
  expect(await screen.findByText(/^Approved by Dana, .*14:02$/)).toBeVisible();
});
