const SOON_MS = 24 * 3_600_000;

/** Whether a moment is less than a day away: worth a colour. */
export const isSoon = (iso: string): boolean => Date.parse(iso) - Date.now() < SOON_MS;
