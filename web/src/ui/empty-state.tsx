import type { ReactNode } from 'react';

export interface EmptyStateProps {
  icon?: ReactNode;
  title?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
}

export function EmptyState({ icon, title, children, actions }: EmptyStateProps) {
  return (
    <div className="flex flex-col items-center gap-3 rounded-lg border border-dashed border-line px-6 py-12 text-center">
      {icon ? (
        <span className="flex size-10 items-center justify-center rounded-lg bg-sunken text-subtle [&>svg]:size-5">
          {icon}
        </span>
      ) : null}
      {title ? <p className="text-title-sm font-strong">{title}</p> : null}
      {children ? <p className="max-w-md text-sm text-muted">{children}</p> : null}
      {actions ? <div className="mt-1 flex flex-wrap justify-center gap-2">{actions}</div> : null}
    </div>
  );
}
