import { beforeEach, expect, test } from 'vitest';
import { FakeServer, problem } from '@/testing/server';
import { api, ApiError, configureClient } from './client';

let server: FakeServer;
let lost: number;

beforeEach(() => {
  lost = 0;
  server = new FakeServer();
  configureClient({
    signedOut: () => {
      lost += 1;
    },
  });
});

/** Answers 401 until the session has been renewed. */
function expiringSession() {
  let fresh = false;
  server
    .on('GET /sources', () => (fresh ? { data: [], next: null } : problem(401, 'auth_required')))
    .on('POST /auth/refresh', () => {
      fresh = true;
      return {};
    });
}

test('renews an expired session once and repeats the request', async () => {
  expiringSession();
  await expect(api.get('/sources')).resolves.toEqual({ data: [], next: null });
  expect(server.sent('POST /auth/refresh')).toHaveLength(1);
  expect(lost).toBe(0);
});

test('requests that expire together share one renewal', async () => {
  expiringSession();
  await Promise.all([api.get('/sources'), api.get('/sources'), api.get('/sources')]);
  expect(server.sent('POST /auth/refresh')).toHaveLength(1);
});

test('gives the session up when it cannot be renewed', async () => {
  server
    .on('GET /sources', () => problem(401, 'auth_required'))
    .on('POST /auth/refresh', () => problem(401, 'auth_required'));
  await expect(api.get('/sources')).rejects.toMatchObject({ status: 401 });
  expect(lost).toBe(1);
});

test('a wrong password is not an expired session', async () => {
  server.on('POST /auth/login', () => problem(401, 'wrong_password'));
  await expect(api.post('/auth/login', {})).rejects.toMatchObject({ code: 'wrong_password' });
  expect(server.sent('POST /auth/refresh')).toHaveLength(0);
  expect(lost).toBe(0);
});

test('carries everything the problem says', async () => {
  server.on('POST /sources', () =>
    problem(422, 'validation_failed', {
      title: 'Check the form',
      detail: 'One field is wrong',
      hint: 'See the field',
      errors: [{ path: 'config.host', message: 'must be one host' }],
    }),
  );
  const error = await api.post('/sources', {}).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({
    status: 422,
    title: 'Check the form',
    hint: 'See the field',
    correlation_id: 'c-1',
  });
  expect((error as ApiError).field('config.host')).toBe('must be one host');
});

test('an answer that is no problem document still says its status', async () => {
  server.on('GET /sources', () => new Response('<html>Bad gateway</html>', { status: 502 }));
  await expect(api.get('/sources')).rejects.toMatchObject({ status: 502, code: 'unreadable' });
});

test('an unreachable server is status 0, a cancelled request stays an abort', async () => {
  configureClient({ fetch: () => Promise.reject(new TypeError('network')) });
  await expect(api.get('/sources')).rejects.toMatchObject({ status: 0, code: 'unreachable' });
  const controller = new AbortController();
  configureClient({ fetch: () => Promise.reject(new DOMException('stop', 'AbortError')) });
  controller.abort();
  await expect(api.get('/sources', { signal: controller.signal })).rejects.toMatchObject({
    name: 'AbortError',
  });
});

test('list follows the cursor to the end', async () => {
  server.on('GET /members', ({ query }) =>
    query.get('cursor') === 'b' ? { data: [3], next: null } : { data: [1, 2], next: 'b' },
  );
  await expect(api.list('/members')).resolves.toEqual([1, 2, 3]);
});
