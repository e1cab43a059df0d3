/** A value as people read it; null where there is none. */
export const shownText = (value: unknown): string | null =>
  typeof value === 'string'
    ? value
    : value === null || value === undefined
      ? null
      : JSON.stringify(value, null, 2);

/** A text of several lines under its name, in a box that scrolls inside itself. */
export function Block({ label, value }: { label: string; value: unknown }) {
  const shown = shownText(value);
  if (shown === null || shown === '') return null;
  return (
    <div className="flex flex-col gap-1">
      <h3 className="text-xs text-subtle">{label}</h3>
      <pre
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls takes focus
        tabIndex={0}
        className="max-h-72 overflow-auto rounded-md border border-line bg-sunken p-3 font-mono text-xs break-words whitespace-pre-wrap"
      >
        {shown}
      </pre>
    </div>
  );
}
