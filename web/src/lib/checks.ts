/** Checks shared by forms; they give true when the value is fine. */
export const isEmail = (value: string) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value.trim());

/** As long as the server asks for. */
export const PASSWORD_MIN = 10;
export const isPassword = (value: string) => value.length >= PASSWORD_MIN;

export const isPort = (value: string) => /^\d+$/.test(value) && +value >= 1 && +value <= 65535;

export function isHttpUrl(value: string): boolean {
  try {
    return ['http:', 'https:'].includes(new URL(value).protocol);
  } catch {
    return false;
  }
}

/** Empty, or a number from 0. */
export const isPrice = (value: string) =>
  value === '' || (Number(value) >= 0 && value.trim() !== '');

/** An address inside this app, or `/`: a link must not send people elsewhere after sign-in. */
export function safeNext(next: string | undefined): string {
  if (next === undefined || !next.startsWith('/')) return '/';
  const target = new URL(next, window.location.origin);
  return target.origin === window.location.origin
    ? target.pathname + target.search + target.hash
    : '/';
}
