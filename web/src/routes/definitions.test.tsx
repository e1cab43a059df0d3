import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { DefinitionContent } from '@/api/types';
import { fakeDefined, fakeSession, SCOPES } from '@/testing/fakes';
import { definitionServer } from '@/testing/fakes-definitions';
import { renderApp } from '@/testing/render';
import { problem } from '@/testing/server';

const page = async (name = 'Revenue') =>
  screen.findByRole('heading', { level: 1, name }, { timeout: 8000 });

test('the list shows what is certified, and is narrowed by what the address says', async () => {
  const server = definitionServer(fakeDefined({ status: 'certified' }));
  const { user } = renderApp('/definitions', server);
  const row = (await screen.findByRole('link', { name: 'Revenue' }, { timeout: 8000 })).closest(
    'tr',
  );
  expect(row).toHaveTextContent('M4');
  expect(row).toHaveTextContent('Certified');
  await user.selectOptions(screen.getByLabelText('Status'), 'lapsed');
  expect(await screen.findByText('No definition matches.')).toBeVisible();
}, 15_000);

test('what was read is certified, and an edit lets it lapse with its reason', async () => {
  const server = definitionServer(fakeDefined());
  const { user } = renderApp('/definitions/d1', server);
  await page();
  await user.click(screen.getByRole('button', { name: 'Certify' }));
  await waitFor(() =>
    expect(server.sent('POST /definitions/:id/certify')).toEqual([{ version: 3 }]),
  );
  expect(await screen.findByText(/Certified by Dana/)).toBeVisible();
  await user.type(screen.getByRole('textbox', { name: /^Note/ }), 'Net.');
  expect(await screen.findByText(/lets it lapse/)).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText(/Dana changed note/)).toBeVisible();
  const [saved] = server.sent('PUT /definitions/:id') as [DefinitionContent];
  expect(saved).toEqual({
    kind: 'metric',
    name: 'Revenue',
    pattern: 'What was the revenue?',
    sql: 'select sum(amount) from sale',
    note: 'Net.',
    source_id: 's1',
  });
}, 20_000);

test('an edit of what somebody else has changed is not saved over theirs', async () => {
  const server = definitionServer(fakeDefined()).on('PUT /definitions/:id', () =>
    problem(412, 'definition_changed'),
  );
  const { user } = renderApp('/definitions/d1', server);
  await page();
  await user.type(screen.getByLabelText('Name'), '!');
  await user.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('Somebody else has changed this definition.')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Load their version' }));
  await waitFor(() => expect(screen.getByLabelText('Name')).toHaveValue('Revenue'));
}, 20_000);

test('what is wrong with its SQL is said beside the SQL, and to who hears the page', async () => {
  const wrong = [{ path: 'sql', message: 'There is no table sales.' }];
  const server = definitionServer(fakeDefined()).on('PUT /definitions/:id', () =>
    problem(422, 'validation_failed', { errors: wrong }),
  );
  const { user } = renderApp('/definitions/d1', server);
  await page();
  await user.type(screen.getByLabelText('Name'), '!');
  await user.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() =>
    expect(screen.getByRole('group', { name: 'SQL' })).toHaveAccessibleDescription(
      'There is no table sales.',
    ),
  );
}, 20_000);

test('versions are compared, and uses counted', async () => {
  const { user } = renderApp('/definitions/d1', definitionServer(fakeDefined()));
  await page();
  await user.click(screen.getByRole('tab', { name: /^Versions/ }));
  const compared = await screen.findByRole('region', { name: 'Compare' });
  expect(await within(compared).findByText('select 2')).toBeVisible();
  expect(within(compared).getByText('Sales')).toBeVisible();
  await user.click(screen.getByRole('tab', { name: 'Where used' }));
  expect(await screen.findByText(/3 queries of answers used it/)).toBeVisible();
}, 20_000);

test('a query of an answer becomes a definition with its question filled in', async () => {
  const version = {
    query_id: 'q1',
    version: 2,
    sql: 'select sum(amount) from sale',
    title: 'Revenue',
    source_id: 's1',
    thread_id: 't1',
  };
  const message = { created_at: '', run_id: null, status: 'complete', metadata: {}, author: null };
  const asked = { ...message, id: 'm1', parent_id: null, role: 'user' };
  const answered = { ...message, id: 'm2', parent_id: 'm1', role: 'assistant' };
  const server = definitionServer(fakeDefined())
    .on('GET /queries/:id', () => ({ query_id: 'q1', handle: 'Q1', versions: [version] }))
    .on('GET /threads/:id/messages', () => ({
      data: [
        { ...asked, parts: [{ type: 'text', text: 'What did we\nearn?' }] },
        { ...answered, parts: [{ type: 'data-query', id: 'q1:2', data: version }] },
      ],
    }))
    .on('POST /definitions', () => fakeDefined());
  const { user } = renderApp('/definitions/new?query=q1&version=2', server);
  expect(await screen.findByLabelText(/^Question it answers/, {}, { timeout: 8000 })).toHaveValue(
    'What did we earn?',
  );
  await user.click(screen.getByRole('button', { name: 'Propose' }));
  await page();
  expect(server.sent('POST /definitions')).toEqual([
    {
      kind: 'metric',
      name: 'Revenue',
      pattern: 'What did we earn?',
      sql: 'select sum(amount) from sale',
      note: '',
      source_id: 's1',
      query_id: 'q1',
      query_version: 2,
    },
  ]);
}, 20_000);

test('who may not change it reads it', async () => {
  const server = definitionServer(fakeDefined({ status: 'certified' })).on('GET /auth/me', () =>
    fakeSession({
      role: 'analyst',
      scopes: SCOPES.filter((scope) => scope !== 'definition:certify'),
    }),
  );
  renderApp('/definitions/d1', server);
  await page();
  expect(screen.getByLabelText('Name')).toBeDisabled();
  expect(screen.queryByRole('button', { name: 'Certify' })).toBeNull();
  expect(screen.queryByRole('button', { name: 'Check now' })).toBeNull();
}, 15_000);
