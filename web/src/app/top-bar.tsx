import { Link } from '@tanstack/react-router';
import { ChevronRight, Menu as MenuIcon, Search } from 'lucide-react';
import { useSession } from '@/api/resources';
import { useT } from '@/lib/i18n';
import { IconButton, Kbd } from '@/ui';
import { MODIFIER } from '@/ui/kbd';
import { usePageState } from '@/ui/page';
import { messages } from './messages';

function Trail() {
  const t = useT(messages);
  const { title, crumbs } = usePageState();
  const { organization } = useSession();
  return (
    <nav aria-label={t('breadcrumb')} className="min-w-0 flex-1">
      <ol className="flex min-w-0 items-center gap-1 text-sm text-subtle">
        <li className="hidden shrink-0 sm:block">{organization.name}</li>
        {crumbs.map((crumb, index) => (
          <li
            key={crumb.label}
            className={`flex items-center gap-1 ${index === 0 ? 'shrink-0' : 'min-w-0'}`}
          >
            <ChevronRight
              aria-hidden
              className={`size-3.5 shrink-0 ${index === 0 ? 'hidden sm:block' : ''}`}
            />
            <Link
              to={crumb.to ?? '/'}
              className="truncate rounded-sm hover:text-fg hover:underline focus-visible:-outline-offset-2"
            >
              {crumb.label}
            </Link>
          </li>
        ))}
        <li className="flex min-w-0 items-center gap-1">
          <ChevronRight
            aria-hidden
            className={crumbs.length === 0 ? 'hidden size-3.5 sm:block' : 'size-3.5 shrink-0'}
          />
          <span aria-current="page" className="truncate text-fg">
            {title}
          </span>
        </li>
      </ol>
    </nav>
  );
}

export function TopBar({ onMenu, onSearch }: { onMenu: () => void; onSearch: () => void }) {
  const t = useT(messages);
  return (
    <header
      data-print="hide"
      className="z-10 flex h-12 shrink-0 items-center gap-2 border-b border-line bg-surface px-2 sm:px-4"
    >
      <IconButton
        label={t('openNav')}
        className="lg:hidden"
        icon={<MenuIcon aria-hidden className="size-4" />}
        onClick={onMenu}
      />
      <Trail />
      <button
        type="button"
        onClick={onSearch}
        className="flex h-control items-center gap-2 rounded-md border border-line bg-canvas px-2.5 text-sm text-subtle hover:text-fg sm:w-56"
      >
        <Search aria-hidden className="size-4" />
        <span className="sr-only flex-1 text-left sm:not-sr-only">{t('search')}</span>
        <span aria-hidden className="hidden sm:inline">
          <Kbd>{`${MODIFIER}K`}</Kbd>
        </span>
      </button>
    </header>
  );
}
