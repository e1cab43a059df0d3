import { expect, test } from 'vitest';
import { fakeStatus } from '@/testing/fakes';
import { statusState } from './state';

const none = { configured: false, is_demo: false };
const demo = { configured: true, name: 'Demo model', is_demo: true };

test.each([
  ['everything is there', fakeStatus(), 'ready'],
  ['only the demo model answers', fakeStatus({ model: demo }), 'demo'],
  ['no model is connected', fakeStatus({ model: none }), 'partial'],
  ['no worker is online', fakeStatus({ workers: { online: 0 } }), 'noWorker'],
  ['neither', fakeStatus({ workers: { online: 0 }, model: none }), 'noWorker'],
  ['nothing is known yet', undefined, 'checking'],
])('when %s', (_, status, expected) => {
  expect(statusState(status, false)).toBe(expected);
});

test('a server that does not answer is offline, whatever was known before', () => {
  expect(statusState(fakeStatus(), true)).toBe('offline');
});
