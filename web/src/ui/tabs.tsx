import { Tabs as Radix } from 'radix-ui';
import { useEffect, useRef, type ReactNode } from 'react';

export interface TabsProps<T extends string> {
  value: T;
  onChange: (value: T) => void;
  label: string;
  tabs: readonly { value: T; label: string; count?: number }[];
  /** Content of the selected tab. */
  children: ReactNode;
}

export function Tabs<T extends string>({ value, onChange, label, tabs, children }: TabsProps<T>) {
  const pick = (next: string) => {
    const tab = tabs.find((candidate) => candidate.value === next);
    if (tab) onChange(tab.value);
  };
  const list = useRef<HTMLDivElement>(null);
  // A count that arrives later makes its tab wider and pushes the others aside.
  const counts = tabs.map(({ count }) => count).join();
  useEffect(() => {
    const tab = list.current?.querySelector<HTMLElement>('[data-state=active]');
    if (!list.current || !tab) return;
    const { scrollLeft, clientWidth } = list.current;
    const { offsetLeft: start, offsetWidth } = tab;
    list.current.scrollLeft = Math.max(
      Math.min(scrollLeft, start),
      start + offsetWidth - clientWidth,
    );
  }, [value, counts]);
  return (
    <Radix.Root value={value} onValueChange={pick}>
      <Radix.List
        ref={list}
        aria-label={label}
        className="relative flex gap-2 overflow-x-auto overflow-y-hidden scrollbar-none border-b border-line"
      >
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.value}
            value={tab.value}
            className="-mb-px flex h-9 shrink-0 items-center gap-1.5 border-b-2 border-transparent px-1 text-sm text-muted hover:text-fg focus-visible:-outline-offset-2 data-[state=active]:border-accent data-[state=active]:font-strong data-[state=active]:text-fg"
          >
            {tab.label}
            {tab.count === undefined ? null : (
              <span className="nums text-xs font-normal text-subtle">{tab.count}</span>
            )}
          </Radix.Trigger>
        ))}
      </Radix.List>
      <Radix.Content value={value} className="pt-4 focus-visible:outline-offset-4">
        {children}
      </Radix.Content>
    </Radix.Root>
  );
}
