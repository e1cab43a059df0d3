import { useEffect, useState } from 'react';
import { cx } from '@/lib/cx';

/** A grey stand-in, shown only when loading takes longer than 200 ms. */
export function Skeleton({ className }: { className?: string }) {
  return (
    <span
      aria-hidden
      className={cx('block rounded-sm bg-sunken animate-pulse-soft', className ?? 'h-4 w-full')}
    />
  );
}

/** `rows` skeleton lines; nothing at all during the first 200 ms. */
export function SkeletonRows({ rows = 5, label }: { rows?: number; label: string }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setLate(true), 200);
    return () => window.clearTimeout(timer);
  }, []);
  if (!late) return null;
  return (
    <div role="status" aria-label={label} className="flex flex-col gap-3 py-2">
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} className={cx('h-4', index % 3 === 2 ? 'w-2/3' : 'w-full')} />
      ))}
    </div>
  );
}
