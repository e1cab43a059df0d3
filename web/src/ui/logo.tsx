/** A name, the same in every language. */
export const PRODUCT = 'Datelier';

/** The mark: a D around two bars of a chart. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className={className ?? 'size-6'}>
      <rect width="32" height="32" rx="7" fill="var(--accent-solid)" />
      <g fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" strokeLinejoin="round">
        <path d="M9 8h6.5a8 8 0 0 1 0 16H9z" />
        <path d="M13.5 20v-3M17 20v-7" />
      </g>
    </svg>
  );
}
