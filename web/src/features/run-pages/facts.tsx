import type { ReactNode } from 'react';

/** Label and value, line by line. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="grid grid-cols-[minmax(7rem,auto)_1fr] gap-x-4 gap-y-1.5">{children}</dl>;
}

export function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-sm text-subtle">{label}</dt>
      <dd className="nums min-w-0 text-sm break-words">{children}</dd>
    </>
  );
}
