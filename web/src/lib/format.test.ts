import { expect, test } from 'vitest';
import {
  formatBytes,
  formatCompact,
  formatDuration,
  formatMoney,
  formatRelative,
  formatTime,
} from './format';

test('durations', () => {
  expect([412, 3400, 128_000].map(formatDuration)).toEqual(['412 ms', '3.4 s', '2 m 08 s']);
});

test('money keeps small amounts apart from nothing, and unknown apart from both', () => {
  expect(
    ['1.24', '0.0042', '0.000006', '0', null, undefined, ''].map((value) => formatMoney(value)),
  ).toEqual(['$1.24', '$0.0042', '< $0.0001', '$0.00', '—', '—', '—']);
});

test('large counts and sizes are short', () => {
  expect([formatCompact(184_233), formatCompact(312), formatCompact(null)]).toEqual([
    '184.2k',
    '312',
    '—',
  ]);
  expect([formatBytes(0), formatBytes(512 * 1024 * 1024)]).toEqual(['0 B', '512 MiB']);
});

test('times say the day only when it is not today', () => {
  const now = new Date('2026-11-18T20:00:00');
  expect(formatTime('2026-11-18T14:02:00', now)).toBe('14:02');
  expect(formatTime('2026-11-17T14:02:00', now)).toBe('Nov 17, 14:02');
});

test('relative times', () => {
  const now = new Date('2026-11-18T12:00:00Z');
  expect(formatRelative('2026-11-15T12:00:00Z', now)).toBe('3 days ago');
  expect(formatRelative('2026-11-18T11:59:50Z', now)).toBe('now');
});
