import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { fakeModel } from '@/testing/fakes';
import { fakeServer, renderApp } from '@/testing/render';
import { problem } from '@/testing/server';

const PROVIDERS = [
  { id: 'openai', title: 'OpenAI', default_model: 'gpt-5', needs_key: true, needs_endpoint: false },
];

function withModels(...models: ReturnType<typeof fakeModel>[]) {
  return fakeServer()
    .on('GET /models', () => ({ data: models, next: null }))
    .on('GET /models/providers', () => PROVIDERS)
    .on('POST /models', () => fakeModel())
    .on('PATCH /models/:id', () => fakeModel());
}

const passed = { ok: true, checks: [{ name: 'reply', ok: true, elapsed_ms: 5 }] };

test('what a test has found is of the values it was made with, not of those typed since', async () => {
  const server = withModels().on('POST /models/test', () => passed);
  const { user } = renderApp('/settings/models?model=new', server);
  await user.type(await screen.findByLabelText('Name'), 'House');
  await user.click(screen.getByRole('button', { name: 'Test these values' }));
  expect(await screen.findByText('passed')).toBeVisible();
  await user.type(screen.getByLabelText('Model id'), 'gpt-6');
  expect(screen.queryByText('passed')).toBeNull();
});

test('why a test was refused goes with the next test', async () => {
  let answer = (): unknown => problem(502, 'away');
  const server = withModels().on('POST /models/test', () => answer());
  const { user } = renderApp('/settings/models?model=new', server);
  await user.type(await screen.findByLabelText('Name'), 'House');
  await user.click(screen.getByRole('button', { name: 'Test these values' }));
  expect(await screen.findByText('away')).toBeVisible();
  answer = () => passed;
  await user.click(screen.getByRole('button', { name: 'Test these values' }));
  expect(await screen.findByText('passed')).toBeVisible();
  expect(screen.queryByText('away')).toBeNull();
});

test('focus follows the key from its state to its field and back', async () => {
  const { user } = renderApp('/settings/models?model=m1', withModels(fakeModel()));
  await user.click(await screen.findByRole('button', { name: 'Replace' }));
  expect(screen.getByLabelText('API key')).toHaveFocus();
  await user.click(screen.getByRole('button', { name: 'Keep the current key' }));
  expect(screen.getByRole('button', { name: 'Replace' })).toHaveFocus();
  await user.click(screen.getByRole('button', { name: 'Remove' }));
  expect(screen.getByRole('button', { name: 'Keep the current key' })).toHaveFocus();
});

test('Back asks before a model that is being typed is lost; Cancel and Save do not', async () => {
  const { user, router } = renderApp('/settings/models', withModels());
  await user.click(await screen.findByRole('button', { name: 'Add model' }));
  await user.type(await screen.findByLabelText('Name'), 'House');
  // Where Back leads; the history of tests does not ask on its own way back.
  void router.navigate({ to: '/settings/models' });
  await user.click(await screen.findByRole('button', { name: 'Keep editing' }));
  expect(screen.getByLabelText('Name')).toHaveValue('House');
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await user.click(await screen.findByRole('button', { name: 'Add model' }));
  await user.type(await screen.findByLabelText('Name'), 'House');
  await user.type(screen.getByLabelText('API key'), 'sk-1');
  await user.click(screen.getByRole('button', { name: 'Save model' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
}, 20_000);

test('a model is not given an empty id when it is edited', async () => {
  const { user, server } = renderApp('/settings/models?model=m1', withModels(fakeModel()));
  await user.clear(await screen.findByLabelText('Model id'));
  await user.click(screen.getByRole('button', { name: 'Save model' }));
  expect(await screen.findAllByText('Enter the model id')).not.toHaveLength(0);
  expect(server.sent('PATCH /models/:id')).toEqual([]);
});

test('only the model that is being added says so', async () => {
  const offer = { origin: 'local', provider: 'ollama', label: 'Ollama' };
  const server = withModels()
    .on('GET /models/offers', () => [
      { ...offer, model_name: 'one' },
      { ...offer, model_name: 'two' },
    ])
    .on('POST /models/offers/accept', () => new Promise(() => undefined));
  const { user } = renderApp('/settings/models', server);
  const row = async (name: RegExp) => {
    const item = (await screen.findByText(name)).closest('li');
    if (!item) throw new Error('no such offer');
    return within(item).getByRole('button');
  };
  await user.click(await row(/one$/));
  expect(await row(/one$/)).toHaveAttribute('aria-busy');
  expect(await row(/two$/)).not.toHaveAttribute('aria-busy');
});

test('focus is not lost with the row of a model that is removed', async () => {
  const server = withModels(fakeModel());
  server.on('DELETE /models/:id', () => {
    server.on('GET /models', () => ({ data: [], next: null }));
  });
  const { user } = renderApp('/settings/models', server);
  await user.click(await screen.findByRole('button', { name: 'Actions for GPT' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Remove' }));
  const asked = within(screen.getByRole('dialog'));
  await user.click(asked.getByRole('button', { name: 'Remove model' }));
  await screen.findByText('No model connected');
  await waitFor(() => expect(screen.getByRole('heading', { level: 1 })).toHaveFocus());
});

test('a form whose providers cannot be read says so, and tries again', async () => {
  const server = withModels().on('GET /models/providers', () => problem(503, 'away'));
  const { user } = renderApp('/settings/models?model=new', server);
  expect(await screen.findByText('away')).toBeVisible();
  server.on('GET /models/providers', () => PROVIDERS);
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByLabelText('Model id')).toBeVisible();
});
