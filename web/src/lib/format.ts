import { localeStore } from './preferences';

/** Numbers and times as people read them, in the reader's language. Unknown is `—`, never 0. */
export const UNKNOWN = '—';

type Maybe<T> = T | null | undefined;

const locale = () => localeStore.get();

/** `184,233` */
export function formatCount(value: Maybe<number>): string {
  return value == null ? UNKNOWN : new Intl.NumberFormat(locale()).format(value);
}

/** `184k`, for chips; put `formatCount` in the title. */
export function formatCompact(value: Maybe<number>): string {
  if (value == null) return UNKNOWN;
  const digits = { notation: 'compact', maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(locale(), digits).format(value).replace('K', 'k');
}

const pair = (amount: number, size: number, large: string, small: string) =>
  `${Math.floor(amount / size)} ${large} ${String(amount % size).padStart(2, '0')} ${small}`;

/** `412 ms`, `3.4 s`, `2 m 08 s`, `3 h 05 m`, `2 d 04 h` */
export function formatDuration(ms: Maybe<number>): string {
  if (ms == null) return UNKNOWN;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) {
    const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
    return `${new Intl.NumberFormat(locale(), digits).format(ms / 1000)} s`;
  }
  const seconds = Math.round(ms / 1000);
  if (seconds >= 86_400) return pair(Math.round(seconds / 3600), 24, 'd', 'h');
  if (seconds >= 3600) return pair(Math.round(seconds / 60), 60, 'h', 'm');
  return pair(seconds, 60, 'm', 's');
}

/** `80%`, `99.9%`: what is not whole is never rounded up to it, nor down to nothing. */
export function formatShare(value: Maybe<number>): string {
  if (value == null) return UNKNOWN;
  const shown = value < 1 && value > 0.999 ? 0.999 : value > 0 && value < 0.001 ? 0.001 : value;
  const digits = { style: 'percent', maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(locale(), digits).format(shown);
}

/** A measured number with at most four significant digits after the point: `22,650`, `0.0417`. */
export function formatMeasure(value: Maybe<number>): string {
  if (value == null) return UNKNOWN;
  const digits =
    Math.abs(value) >= 1000 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 4 };
  return new Intl.NumberFormat(locale(), digits).format(value);
}

const LEAST_MONEY = 0.0001;

/** Whether it is as much as is shown; a lower bound of less says nothing. */
export const isMoney = (value: number | string): boolean => Number(value) >= LEAST_MONEY / 2;

/** US dollars: `$1.24`, `$0.0042`. */
export function formatMoney(value: Maybe<number | string>): string {
  if (value == null || value === '') return UNKNOWN;
  const amount = Number(value);
  if (!Number.isFinite(amount)) return UNKNOWN;
  const small = amount !== 0 && Math.abs(amount) < 0.1;
  const money = new Intl.NumberFormat(locale(), {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: small ? 4 : 2,
    maximumFractionDigits: small ? 4 : 2,
  });
  // Little is not nothing.
  if (amount > 0 && !isMoney(amount)) return `< ${money.format(LEAST_MONEY)}`;
  return money.format(amount);
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB'] as const;

/** `12.4 MiB` */
export function formatBytes(bytes: Maybe<number>): string {
  if (bytes == null) return UNKNOWN;
  const power = bytes < 1 ? 0 : Math.min(3, Math.floor(Math.log2(bytes) / 10));
  const digits = { maximumFractionDigits: power === 0 ? 0 : 1 };
  const amount = new Intl.NumberFormat(locale(), digits).format(bytes / 1024 ** power);
  return `${amount} ${BYTE_UNITS[power] ?? 'B'}`;
}

/** `14:02` today, `Nov 18, 14:02` otherwise. */
export function formatTime(iso: string, now: Date = new Date()): string {
  const at = new Date(iso);
  const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const today = at.toDateString() === now.toDateString();
  const sameYear = at.getFullYear() === now.getFullYear();
  const day = { month: 'short', day: 'numeric', year: sameYear ? undefined : 'numeric' } as const;
  return new Intl.DateTimeFormat(locale(), today ? clock : { ...day, ...clock }).format(at);
}

/** A calendar day that no zone can move: `Nov 18` of `2026-11-18`. */
export function formatDay(day: string): string {
  const style = { month: 'short', day: 'numeric', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat(locale(), style).format(new Date(`${day}T00:00:00Z`));
}

/** `January` of 1. */
export function formatMonth(month: number): string {
  const style = { month: 'long', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat(locale(), style).format(Date.UTC(2026, month - 1, 15));
}

/** The full date, time and zone, for tooltips. */
export function formatAbsolute(iso: string): string {
  const style = { dateStyle: 'full', timeStyle: 'long' } as const;
  return new Intl.DateTimeFormat(locale(), style).format(new Date(iso));
}

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** `3 days ago`, `in 2 hours`, `now`. */
export function formatRelative(iso: string, now: Date = new Date()): string {
  const seconds = (new Date(iso).getTime() - now.getTime()) / 1000;
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' });
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return words.format(Math.round(seconds / size), unit);
  }
  return words.format(0, 'second');
}
