import { useEffect, useRef, type ReactNode } from 'react';
import { createStore, useStore } from '@/lib/store';

/** One step of the breadcrumb; the last one has no address. */
export interface Crumb {
  label: string;
  to?: string;
}

interface PageState {
  title: string;
  crumbs: Crumb[];
}

const page = createStore<PageState>({ title: '', crumbs: [] });
const workspace = createStore<string | null>(null);

/** What the top bar shows of the page below it. */
export const usePageState = () => useStore(page);

/** The organization's name, the middle part of every document title. */
export const setWorkspaceName = workspace.set;

/** Names the page: document title and breadcrumb. */
export function usePage(title: string, crumbs: Crumb[] = []): void {
  const name = useStore(workspace);
  const trail = JSON.stringify(crumbs);
  useEffect(() => {
    document.title = [title, name, 'Datelier'].filter(Boolean).join(' · ');
    page.set({ title, crumbs: JSON.parse(trail) as Crumb[] });
  }, [title, name, trail]);
}

let firstPage = true;

export interface PageHeadingProps {
  children: ReactNode;
  focus?: boolean;
  large?: boolean | undefined;
}

/**
 * The page's one `h1`. It takes focus when the reader has moved to it from another page, unless
 * `focus` is off because something better takes it (the composer).
 */
export function PageHeading({ children, focus = true, large }: PageHeadingProps) {
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // A field of the new page that asked for focus keeps it.
    const taken = document.activeElement?.closest('main') != null;
    if (!firstPage && focus && !taken) ref.current?.focus({ preventScroll: true });
    firstPage = false;
  }, [focus]);
  return (
    <h1
      ref={ref}
      tabIndex={-1}
      className={`min-w-0 break-words ${large ? 'text-title-lg' : 'text-title-md'}`}
    >
      {children}
    </h1>
  );
}

export interface PageProps {
  title: string;
  /** Between the workspace and this page. */
  crumbs?: Crumb[];
  description?: ReactNode;
  /** Beside the heading: chips, metadata. */
  meta?: ReactNode;
  actions?: ReactNode;
  width?: 'reading' | 'wide';
  children: ReactNode;
}

/** An ordinary page: heading, actions, content in one column. */
export function Page(props: PageProps) {
  const { title, crumbs, description, meta, actions, width = 'wide', children } = props;
  usePage(title, crumbs);
  return (
    <div
      className={`mx-auto flex w-full flex-col gap-5 px-4 py-6 sm:px-8 ${width === 'reading' ? 'max-w-3xl' : 'max-w-6xl'}`}
    >
      <header className="flex flex-wrap items-start gap-x-4 gap-y-3">
        <div className="min-w-0 flex-1 basis-60">
          <div className="flex flex-wrap items-center gap-2">
            <PageHeading>{title}</PageHeading>
            {meta}
          </div>
          {description ? <p className="mt-0.5 text-sm text-muted">{description}</p> : null}
        </div>
        {actions ? <div className="flex flex-wrap gap-2">{actions}</div> : null}
      </header>
      {children}
    </div>
  );
}
