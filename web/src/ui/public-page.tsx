import type { ReactNode } from 'react';
import { cx } from '@/lib/cx';
import { Logo, PRODUCT } from './logo';
import { PageHeading, usePage } from './page';

export interface PublicPageProps {
  title: string;
  lead?: ReactNode;
  /** Below the card. */
  foot?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}

/** A page for people who are not signed in: one card in the middle. */
export function PublicPage({ title, lead, foot, wide, children }: PublicPageProps) {
  usePage(title);
  return (
    <main
      id="main"
      className="flex min-h-dvh flex-col items-center justify-start px-4 py-10 sm:justify-center"
    >
      <div className={cx('flex w-full flex-col gap-6', wide ? 'max-w-2xl' : 'max-w-sm')}>
        <div className="flex items-center gap-2.5 text-title-sm font-strong">
          <Logo className="size-7" />
          {PRODUCT}
        </div>
        <div className="flex flex-col gap-5 rounded-lg border border-line bg-surface p-6 shadow-card">
          <header className="flex flex-col gap-1">
            <PageHeading large={wide}>{title}</PageHeading>
            {lead ? <p className="text-sm text-muted">{lead}</p> : null}
          </header>
          {children}
        </div>
        {foot ? <p className="text-xs text-subtle">{foot}</p> : null}
      </div>
    </main>
  );
}
