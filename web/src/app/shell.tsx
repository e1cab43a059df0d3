import { Outlet, useLocation } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useSession } from '@/api/resources';
import { useT } from '@/lib/i18n';
import { railStore } from '@/lib/preferences';
import { useStore } from '@/lib/store';
import { OverlayContainer } from '@/ui/overlay';
import { setWorkspaceName } from '@/ui/page';
import { messages } from './messages';
import { Palette } from './palette';
import { Drawer, Rail } from './rail';
import { helpStore, useShortcuts } from './shortcuts';
import { TopBar } from './top-bar';

const ShortcutsDialog = lazy(() => import('./shortcuts-dialog'));

/** Rail, top bar and the page: everything a signed-in person sees around the content. */
export function Shell() {
  const t = useT(messages);
  const narrow = useStore(railStore);
  const session = useSession();
  const { pathname } = useLocation();
  const [drawer, setDrawer] = useState(false);
  const [palette, setPalette] = useState(false);
  const [main, setMain] = useState<HTMLElement | null>(null);
  const help = useStore(helpStore);
  useShortcuts(() => setPalette(true));

  useEffect(() => setWorkspaceName(session.organization.name), [session.organization.name]);
  useEffect(() => setDrawer(false), [pathname]);

  return (
    <OverlayContainer.Provider value={main}>
      <div className="flex h-dvh w-full overflow-hidden print:block print:h-auto">
        <a
          href="#main"
          className="absolute top-2 left-2 z-50 -translate-y-20 rounded-md bg-accent-solid px-3 py-1.5 text-sm font-strong text-on-accent focus:translate-y-0"
        >
          {t('skip')}
        </a>
        <div data-print="hide" className="hidden shrink-0 lg:block">
          <Rail narrow={narrow} />
        </div>
        <Drawer open={drawer} onClose={() => setDrawer(false)} />
        <div className="flex min-w-0 flex-1 flex-col">
          <TopBar onMenu={() => setDrawer(true)} onSearch={() => setPalette(true)} />
          <main
            ref={setMain}
            id="main"
            tabIndex={-1}
            className="relative min-h-0 flex-1 overflow-y-auto"
          >
            <Outlet />
          </main>
        </div>
        {palette ? <Palette onClose={() => setPalette(false)} /> : null}
        {help ? (
          <Suspense>
            <ShortcutsDialog onClose={() => helpStore.set(false)} />
          </Suspense>
        ) : null}
      </div>
    </OverlayContainer.Provider>
  );
}
