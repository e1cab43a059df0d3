import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { fakeRun, fakeSteps } from '@/testing/fakes-runs';
import { fakeServer, renderApp } from '@/testing/render';

test('the page that puts a failure right is a link by its name', async () => {
  const hint = 'Enter the key again under /settings/models, or use another model.';
  const error = { code: 'model_key_refused', message: 'The key was refused.', hint };
  const server = fakeServer()
    .on('GET /runs/:id', () => fakeRun({ status: 'failed', error }))
    .on('GET /runs/:id/steps', () => fakeSteps([]));
  renderApp('/runs/r1', server);
  const link = await screen.findByRole('link', { name: 'Settings → Models' });
  expect(link).toHaveAttribute('href', '/settings/models');
  expect(screen.getByText(/^Enter the key again under/)).not.toHaveTextContent('/settings/');
});
