import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import type { Delivery, Notifications, Webhook } from '@/api/types';
import { tell } from '@/features/notifications/tell';
import { violations } from '@/testing/axe';
import { fakeServer, renderApp } from '@/testing/render';

afterEach(() => {
  vi.unstubAllGlobals();
});

const each = { browser: true, email: 'daily', webhook: true } as const;

function notifications(mail: Partial<Notifications['mail']> = {}): Notifications {
  return {
    kinds: {
      approval: each,
      question: each,
      review: each,
      problem: each,
      finished: { ...each, email: 'off' },
      mention: each,
    },
    time_zone: null,
    digest_hour: 8,
    mail: { configured: true, sender: 'a@example.org', to: 'dana@example.org', ...mail },
  };
}

function webhook(changes: Partial<Webhook> = {}): Webhook {
  return {
    id: 'w1',
    name: 'Pager',
    url: 'https://hooks.example.org/x',
    organization: false,
    kinds: [],
    enabled: true,
    disabled_reason: '',
    previous_until: null,
    created_at: '2026-11-18T14:02:00Z',
    waiting: 0,
    failed: 1,
    ...changes,
  };
}

const delivery: Delivery = {
  id: 'd1',
  event_key: 'evt_1',
  channel: 'webhook',
  change: 'opened',
  title: 'Clean orders',
  status: 'failed',
  attempts: 10,
  next_at: null,
  last_status: 500,
  last_error: 'Answered 500.',
  created_at: '2026-11-18T14:02:00Z',
};

function withNotifications(mail: Partial<Notifications['mail']> = {}, ...hooks: Webhook[]) {
  return fakeServer()
    .on('GET /notifications', () => notifications(mail))
    .on('PUT /notifications', ({ body }) => ({ ...notifications(mail), ...(body as object) }))
    .on('GET /webhooks', () => hooks);
}

class FakeNotification {
  static permission: NotificationPermission = 'default';
  static asked = 0;
  static shown: { title: string; options: NotificationOptions }[] = [];
  static requestPermission() {
    FakeNotification.asked += 1;
    FakeNotification.permission = 'granted';
    return Promise.resolve(FakeNotification.permission);
  }
  onshow: (() => void) | null = null;
  constructor(title: string, options: NotificationOptions) {
    FakeNotification.shown.push({ title, options });
    queueMicrotask(() => this.onshow?.());
  }
}

test('what is chosen is saved at once, for that kind and channel alone', async () => {
  const { user, server } = renderApp('/settings/notifications', withNotifications());
  await user.selectOptions(await screen.findByLabelText('Approvals: Email'), 'At once');
  await waitFor(() => expect(server.sent('PUT /notifications')).toHaveLength(1));
  expect(server.sent('PUT /notifications')[0]).toMatchObject({
    kinds: { approval: { browser: true, email: 'now', webhook: true }, question: each },
    time_zone: null,
    digest_hour: 8,
  });
  await user.click(screen.getByRole('checkbox', { name: 'Problems: Webhook' }));
  expect(screen.getByRole('checkbox', { name: 'Problems: Webhook' })).not.toBeChecked();
  expect(await violations()).toEqual([]);
});

test('without a mail server that is said, and there is nothing to test', async () => {
  renderApp('/settings/notifications', withNotifications({ configured: false, sender: null }));
  expect(await screen.findByText(/This installation sends no mail/)).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Send a test' })).toBeNull();
});

test('a test shows what the mail server really said', async () => {
  const server = withNotifications().on('POST /notifications/test', () => ({
    ok: false,
    detail: 'mail:587 answered 535: no.',
    status: 535,
    elapsed_ms: 12,
  }));
  const { user } = renderApp('/settings/notifications', server);
  await user.click(await screen.findByRole('button', { name: 'Send a test' }));
  expect(await screen.findByText(/answered 535: no/)).toHaveTextContent('12 ms');
});

test('the secret of a new webhook is shown once', async () => {
  const server = withNotifications().on('POST /webhooks', () => ({
    ...webhook(),
    secret: 'whsec_once',
  }));
  const { user } = renderApp('/settings/notifications', server);
  await user.click(await screen.findByRole('button', { name: 'Add webhook' }));
  await user.type(await screen.findByLabelText('Name'), 'Pager');
  await user.type(screen.getByLabelText('Address'), 'hooks.example.org');
  const dialog = screen.getByRole('dialog', { name: 'Add webhook' });
  await user.click(within(dialog).getByRole('button', { name: 'Add webhook' }));
  expect(server.sent('POST /webhooks')).toEqual([]);
  await user.clear(screen.getByLabelText('Address'));
  await user.type(screen.getByLabelText('Address'), 'https://hooks.example.org/x');
  await user.click(within(dialog).getByRole('button', { name: 'Add webhook' }));
  expect(await screen.findByText('whsec_once')).toBeVisible();
  expect(server.sent('POST /webhooks')).toEqual([
    { name: 'Pager', url: 'https://hooks.example.org/x', organization: false },
  ]);
  await user.click(screen.getByRole('button', { name: 'Done' }));
  expect(screen.queryByText('whsec_once')).toBeNull();
});

test('what was given up is listed with its reason and sent again', async () => {
  const server = withNotifications({}, webhook())
    .on('GET /deliveries', () => ({ data: [delivery], next: null }))
    .on('POST /deliveries/:id/redeliver', () => ({ ...delivery, status: 'waiting' }));
  const { user } = renderApp('/settings/notifications', server);
  expect(await screen.findByText('1 given up')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Actions of Pager' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Deliveries' }));
  const dialog = await screen.findByRole('dialog', { name: 'Deliveries to Pager' });
  expect(await within(dialog).findByText(/10 attempts · Answered 500/)).toBeVisible();
  await user.click(within(dialog).getByRole('button', { name: 'Send again' }));
  await waitFor(() => expect(server.sent('POST /deliveries/:id/redeliver')).toHaveLength(1));
});

test('the browser is asked by a click alone, and tells what became of a test', async () => {
  vi.stubGlobal('Notification', FakeNotification);
  const { user } = renderApp('/settings/notifications', withNotifications({ configured: false }));
  const allow = await screen.findByRole('button', { name: 'Allow in this browser' });
  expect(FakeNotification.asked).toBe(0);
  await user.click(allow);
  await user.click(await screen.findByRole('button', { name: 'Send a test' }));
  expect(await screen.findByText(/says that it has shown it/)).toBeVisible();
});

test('a notice is shown to somebody who is elsewhere and is to be told', async () => {
  FakeNotification.permission = 'granted';
  FakeNotification.shown = [];
  vi.stubGlobal('Notification', FakeNotification);
  let told = false;
  fakeServer().on('GET /notifications/requests/:id', ({ params }) => ({
    tell: told,
    id: params.id,
    number: 4,
    kind: 'approval',
    title: 'Clean orders',
  }));
  const sayTo = (here: boolean) =>
    tell(
      'q1',
      () => undefined,
      () => here,
    );
  await sayTo(false);
  expect(FakeNotification.shown).toEqual([]);
  told = true;
  await sayTo(true);
  expect(FakeNotification.shown).toEqual([]);
  await sayTo(false);
  expect(FakeNotification.shown).toEqual([
    { title: 'Approval #4', options: { body: 'Clean orders', tag: 'datelier-q1' } },
  ]);
});
