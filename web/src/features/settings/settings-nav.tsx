import { Link, useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useCan } from '@/api/resources';
import { useT } from '@/lib/i18n';
import { messages } from './messages';

const SECTIONS = [
  { key: 'models', to: '/settings/models', scope: 'model:get' },
  { key: 'workersSection', to: '/settings/workers', scope: 'worker:get' },
  { key: 'members', to: '/settings/members', scope: 'member:get' },
  { key: 'tokens', to: '/settings/tokens', scope: 'token:manage' },
  { key: 'usage', to: '/settings/usage', scope: 'usage:get' },
  { key: 'notifications', to: '/settings/notifications', scope: 'request:get' },
  { key: 'appearance', to: '/settings/appearance', scope: null },
  { key: 'about', to: '/settings/about', scope: null },
] as const;

/** Sections the person may see; those their role lacks are absent. */
export function SettingsNav() {
  const t = useT(messages);
  const can = useCan();
  const { pathname } = useLocation();
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone the sections are one line that scrolls.
    nav.current
      ?.querySelector('[aria-current=page]')
      ?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [pathname]);
  const shown = SECTIONS.filter(({ scope }) => scope === null || can(scope));
  return (
    <nav
      ref={nav}
      aria-label={t('settings')}
      className="flex shrink-0 gap-1 overflow-x-auto scrollbar-none px-4 pt-4 md:w-44 md:flex-col md:gap-0.5 md:overflow-visible md:pt-6 md:pr-0 md:pl-8"
    >
      {shown.map(({ key, to }) => (
        <Link
          key={key}
          to={to}
          className="flex h-8 shrink-0 items-center rounded-md px-2.5 text-sm text-muted hover:bg-sunken hover:text-fg focus-visible:-outline-offset-2 data-[status=active]:bg-accent-soft data-[status=active]:font-strong data-[status=active]:text-fg pointer-coarse:h-control"
        >
          {t(key)}
        </Link>
      ))}
    </nav>
  );
}
