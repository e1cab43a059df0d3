import { act, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { RunEffect, RunRow } from '@/api/types';
import { fakeRun, fakeStep, fakeSteps } from '@/testing/fakes-runs';
import { violations } from '@/testing/axe';
import { fakeServer, renderApp } from '@/testing/render';
import { problem } from '@/testing/server';

const AT = '2026-11-18T14:02:00Z';

const STEPS = [
  fakeStep({ id: 'queue', kind: 'queue', name: 'queue', duration_ms: 30 }),
  fakeStep({ id: 's1', kind: 'step', name: '1', status: 'failed', duration_ms: 4000 }),
  fakeStep({ id: 'm1', parent_id: 's1', cost: '0.01', input_tokens: 1000, output_tokens: 200 }),
  fakeStep({
    id: 't1',
    parent_id: 's1',
    kind: 'tool',
    name: 'execute_sql_query',
    title: 'Run SQL',
    status: 'failed',
    error: 'No such table.',
    duration_ms: 500,
  }),
  fakeStep({ id: 's2', kind: 'step', name: '2' }),
];

function withRun(run: RunRow = fakeRun(), steps = fakeSteps(STEPS), effects: RunEffect[] = []) {
  const value = { value: { sql: 'select 1' }, text: null, bytes: 18, cut: false };
  return fakeServer()
    .on('GET /runs/:id', () => run)
    .on('GET /runs/:id/steps', () => steps)
    .on('GET /runs/:id/effects', () => ({ data: effects }))
    .on('GET /runs/:id/steps/:step', ({ params }) => ({
      step: STEPS.find(({ id }) => id === params.step),
      input: value,
      output: { value: null, text: '["beginning', bytes: 400_000, cut: true },
      notes: [],
    }))
    .on('GET /threads/:id/messages', () => ({ data: [] }));
}

test('keys move through the tree, fold it, and find the error', async () => {
  const { user, router } = renderApp('/runs/r1', withRun());
  const tree = await screen.findByRole('tree', { name: 'Steps of the run' });
  const chosen = () => within(tree).getByRole('treeitem', { selected: true });
  tree.focus();
  await user.keyboard('{ArrowDown}{ArrowDown}');
  await waitFor(() => expect(chosen()).toHaveTextContent('Step 1'));
  expect(chosen()).toHaveTextContent('Σ 1.2k');
  await user.keyboard('{ArrowLeft}');
  expect(within(tree).getAllByRole('treeitem')).toHaveLength(3);
  await user.keyboard('{ArrowRight}');
  expect(within(tree).getAllByRole('treeitem')).toHaveLength(5);
  await user.keyboard('n');
  await waitFor(() => expect(chosen()).toHaveTextContent('Run SQL'));
  expect(router.state.location.search).toEqual({ step: 't1' });
  expect(screen.getByRole('alert')).toHaveTextContent('No such table.');
  await user.keyboard('l');
  await waitFor(() => expect(router.state.location.search).toMatchObject({ view: 'timeline' }));
  expect(await violations()).toEqual([]);
});

test('keys that come faster than the page is drawn all count', async () => {
  const { router } = renderApp('/runs/r1', withRun());
  const tree = await screen.findByRole('tree', { name: 'Steps of the run' });
  act(() => {
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'l'])
      tree.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  });
  const third = STEPS[2]?.id;
  await waitFor(() =>
    expect(router.state.location.search).toEqual({ step: third, view: 'timeline' }),
  );
});

test('values come when asked for, and a large one says that it is cut', async () => {
  const { user, server } = renderApp('/runs/r1?step=t1', withRun());
  await screen.findByRole('heading', { name: 'Run SQL' });
  expect(server.sent('GET /runs/:id/steps/:step')).toHaveLength(0);
  await user.click(screen.getByRole('tab', { name: 'Input' }));
  expect(await screen.findByText(/"sql": "select 1"/)).toBeVisible();
  await user.click(screen.getByRole('tab', { name: 'Output' }));
  expect(await screen.findByText('Showing the beginning of 390.6 KiB.')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Show all' }));
  await waitFor(() => expect(server.requests.at(-1)?.query.get('full')).toBe('true'));
});

test('the ledger says what was changed, who allowed it, and what is not known', async () => {
  const made: RunEffect = {
    id: 'e1',
    run_id: 'r1',
    tool_call_id: 't1',
    kind: 'sql',
    state: 'done',
    source_id: 's1',
    detail: { sql: 'update orders set x = 1' },
    outcome: { sql: 'UPDATE orders SET x = 1', verb: 'UPDATE', table: 'orders', rows: 1204 },
    note: '',
    created_at: AT,
    settled_at: AT,
    allowed_by: { kind: 'rule', id: 'u1', number: 3, by: 'Dana' },
  };
  const lost: RunEffect = {
    ...made,
    id: 'e2',
    kind: 'http',
    state: 'unknown',
    source_id: null,
    detail: { method: 'POST', url: 'https://hooks.test/a' },
    outcome: null,
    note: 'No whole answer came.',
    settled_at: null,
    allowed_by: { kind: 'request', id: 'q7', number: 7, by: 'Ada' },
  };
  const { user } = renderApp('/runs/r1', withRun(fakeRun(), fakeSteps(STEPS), [made, lost]));
  expect(await screen.findByText(/Of one change it is not known/)).toBeVisible();
  await user.click(screen.getByRole('tab', { name: /Changes/ }));
  const [first, second] = within(screen.getByRole('list', { name: 'Changes' })).getAllByRole(
    'listitem',
  );
  expect(first).toHaveTextContent('UPDATE on ordersDone');
  expect(first).toHaveTextContent('Retail sample');
  expect(first).toHaveTextContent('1,204');
  expect(first).toHaveTextContent('Rule 3 of Dana');
  expect(second).toHaveTextContent('POST requestNot known');
  expect(second).toHaveTextContent('It is not known whether this happened.');
  const link = screen.getByRole('link', { name: 'Ada, request 7' });
  expect(link).toHaveAttribute('href', '/inbox/q7');
  expect(await violations()).toEqual([]);
});

test('a long run keeps few rows in the page and says what is missing', async () => {
  const many = Array.from({ length: 1000 }, (_, at) => fakeStep({ id: `x${at}`, kind: 'tool' }));
  renderApp('/runs/r1', withRun(fakeRun(), fakeSteps(many, { total: 7000, truncated: true })));
  const tree = await screen.findByRole('tree');
  expect(within(tree).getAllByRole('treeitem').length).toBeLessThan(60);
  expect(screen.getByText(/first 1,000 of 7,000 rows/)).toBeVisible();
});

test('rerunning opens the new run; from a step only where one is chosen', async () => {
  const server = withRun().on('POST /runs/:id/rerun', () => ({ run_id: 'r9', thread_id: 't1' }));
  const { user, router } = renderApp('/runs/r1?step=t1', server);
  await user.click(await screen.findByRole('button', { name: 'More actions' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Rerun from this step' }));
  await waitFor(() => expect(router.state.location.pathname).toBe('/runs/r9'));
  expect(server.sent('POST /runs/:id/rerun')).toEqual([{ from_step: 's1' }]);
});

test('stopping is offered while a run works, and a waiting person is told apart from work', async () => {
  const running = fakeRun({ status: 'waiting', finished_at: null, queue_position: null });
  const wait = fakeStep({
    ...{ id: 'w', kind: 'wait', name: 'approval', request_id: 'q7' },
    ...{ finished_at: null, duration_ms: 120_000 },
  });
  const server = withRun(running, fakeSteps([wait])).on('POST /runs/:id/stop', () => running);
  const { user } = renderApp('/runs/r1', server);
  await screen.findByText('2 m 00 s waiting for a person');
  expect(screen.getByRole('link', { name: 'Open request' })).toHaveAttribute('href', '/inbox/q7');
  await user.click(screen.getByRole('button', { name: 'Stop' }));
  await waitFor(() => expect(server.sent('POST /runs/:id/stop')).toHaveLength(1));
});

test('somebody else’s run is shown without what only its starter may do', async () => {
  const running = fakeRun({ status: 'waiting', finished_at: null, mine: false });
  const { user } = renderApp('/runs/r1', withRun(running));
  await user.click(await screen.findByRole('button', { name: 'More actions' }));
  expect(screen.getByRole('menuitem', { name: /Compare/ })).toBeVisible();
  expect(screen.queryByRole('menuitem', { name: 'Rerun from this step' })).toBeNull();
  for (const name of ['Stop', 'Rerun']) expect(screen.queryByRole('button', { name })).toBeNull();
});

test('two runs stand side by side with their differences', async () => {
  const server = withRun().on('GET /runs/:id', ({ params }) =>
    fakeRun({ id: params.id, cost: params.id === 'r2' ? '0.0142' : '0.0042' }),
  );
  renderApp('/runs/r1/compare?with=r2', server);
  const row = (await screen.findByRole('rowheader', { name: 'Cost' })).closest('tr');
  expect(row).toHaveTextContent('Cost$0.0042$0.0142+$0.0100');
  expect(await violations()).toEqual([]);
});

test('an unknown run says so', async () => {
  const server = fakeServer().on('GET /runs/:id', () =>
    problem(404, 'not_found', { detail: 'No such run.' }),
  );
  renderApp('/runs/nothing', server);
  expect(await screen.findByText('No such run.')).toBeVisible();
});

test('a run of a colleague’s chat says whose it is and where to decide', async () => {
  const server = fakeServer().on('GET /runs/:id', () =>
    problem(403, 'run_is_personal', {
      detail: 'This run belongs to a chat of Ada.',
      hint: 'What you are asked to decide is in the inbox.',
    }),
  );
  renderApp('/runs/r1', server);
  expect(await screen.findByText('This run belongs to a chat of Ada.')).toBeVisible();
  expect(screen.getByText(/is in the inbox/)).toBeVisible();
});
