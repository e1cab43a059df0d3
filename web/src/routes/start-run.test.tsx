import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { RunHistogram } from '@/api/types';
import { fakeAgent, fakeSource } from '@/testing/fakes';
import { fakeRun, fakeSteps } from '@/testing/fakes-runs';
import { fakeServer, renderApp } from '@/testing/render';

const AT = '2026-11-18T14:02:00Z';
const NONE: RunHistogram = { since: AT, until: AT, bucket_seconds: 60, bars: [], total: 0 };

test('an agent is given a goal, and its run is opened', async () => {
  const steward = fakeAgent({ id: 'a2', name: 'Steward', starters: ['Find missing values'] });
  const server = fakeServer()
    .on('GET /runs', () => ({ data: [], next: null }))
    .on('GET /runs/histogram', () => NONE)
    .on('GET /agents', () => ({ data: [fakeAgent(), steward], next: null }))
    .on('GET /sources', () => ({ data: [fakeSource({ id: 's9', name: 'Shop' })], next: null }))
    .on('GET /runs/:id', () => fakeRun())
    .on('GET /runs/:id/steps', () => fakeSteps([]))
    .on('GET /runs/:id/effects', () => ({ data: [] }))
    .on('GET /threads/:id/messages', () => ({ data: [] }))
    .on('POST /runs', () => fakeRun({ id: 'r1', kind: 'background' }));
  const { user, router } = renderApp('/runs', server);
  await user.click(await screen.findByRole('button', { name: 'Run an agent' }));
  const dialog = within(await screen.findByRole('dialog'));
  await user.click(await dialog.findByRole('button', { name: 'Start' }));
  expect(dialog.getByRole('textbox', { name: 'Goal' })).toHaveAccessibleDescription(
    /Say what the agent is to do/,
  );
  await user.selectOptions(dialog.getByLabelText('Agent'), 'Steward');
  await user.click(dialog.getByRole('button', { name: 'Find missing values' }));
  await user.selectOptions(dialog.getByLabelText('Source'), 'Shop');
  await user.click(dialog.getByRole('button', { name: 'Start' }));
  await waitFor(() => expect(router.state.location.pathname).toBe('/runs/r1'));
  expect(server.sent('POST /runs')).toEqual([
    { agent_id: 'a2', goal: 'Find missing values', source_ids: ['s9'] },
  ]);
});
