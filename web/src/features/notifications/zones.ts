interface Option {
  value: string;
  label: string;
}

export function hours(): Option[] {
  return Array.from({ length: 24 }, (_, hour) => ({
    value: String(hour),
    label: `${String(hour).padStart(2, '0')}:00`,
  }));
}

/** UTC and this browser's zone first, then all that the browser knows, and the one in use. */
export function zones(chosen: string | null, here: (zone: string) => string): Option[] {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = new Set(['UTC', own, ...Intl.supportedValuesOf('timeZone')]);
  if (chosen !== null) known.add(chosen);
  return [...known].map((zone) => ({ value: zone, label: zone === own ? here(zone) : zone }));
}
