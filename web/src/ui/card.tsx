import type { ReactNode } from 'react';
import { cx } from '@/lib/cx';

export interface CardProps {
  title?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
  className?: string;
  /** Without inner padding, for tables. */
  flush?: boolean;
}

export function Card({ title, description, actions, children, className, flush }: CardProps) {
  return (
    <section
      className={cx('min-w-0 rounded-lg border border-line bg-surface shadow-card', className)}
    >
      {title === undefined && actions === undefined ? null : (
        <header className="flex flex-wrap items-start gap-x-3 gap-y-2 px-4 pt-3.5 pb-1">
          <div className={cx('min-w-0 flex-1', description !== undefined && 'basis-56')}>
            <h2 className="text-title-sm">{title}</h2>
            {description ? <p className="text-sm text-muted">{description}</p> : null}
          </div>
          {actions}
        </header>
      )}
      <div className={flush ? 'min-w-0' : 'px-4 py-3.5'}>{children}</div>
    </section>
  );
}
