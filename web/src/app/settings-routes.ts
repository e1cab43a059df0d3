import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { textSearch } from './root-route';
import { shellRoute } from './shell-route';

const settingsHome = createRoute({
  getParentRoute: () => shellRoute,
  path: '/settings',
  beforeLoad: () => {
    throw redirect({ to: '/settings/models' });
  },
});

const settingsLayout = createRoute({
  getParentRoute: () => shellRoute,
  id: 'settings-layout',
  component: lazyRouteComponent(() => import('@/routes/settings'), 'SettingsLayout'),
});

const settings = [
  createRoute({
    getParentRoute: () => settingsLayout,
    path: '/settings/models',
    validateSearch: textSearch('model', 'provider'),
    component: lazyRouteComponent(() => import('@/routes/settings-models'), 'ModelsPage'),
  }),
  createRoute({
    getParentRoute: () => settingsLayout,
    path: '/settings/workers',
    component: lazyRouteComponent(() => import('@/routes/settings-workers'), 'WorkersPage'),
  }),
  createRoute({
    getParentRoute: () => settingsLayout,
    path: '/settings/members',
    component: lazyRouteComponent(() => import('@/routes/settings-members'), 'MembersPage'),
  }),
  createRoute({
    getParentRoute: () => settingsLayout,
    path: '/settings/tokens',
    component: lazyRouteComponent(() => import('@/routes/settings-tokens'), 'TokensPage'),
  }),
  createRoute({
    getParentRoute: () => settingsLayout,
    path: '/settings/usage',
    validateSearch: textSearch('by', 'since'),
    component: lazyRouteComponent(() => import('@/routes/settings-usage'), 'UsagePage'),
  }),
  createRoute({
    getParentRoute: () => settingsLayout,
    path: '/settings/notifications',
    component: lazyRouteComponent(
      () => import('@/routes/settings-notifications'),
      'NotificationsPage',
    ),
  }),
  createRoute({
    getParentRoute: () => settingsLayout,
    path: '/settings/appearance',
    component: lazyRouteComponent(() => import('@/routes/settings-appearance'), 'AppearancePage'),
  }),
  createRoute({
    getParentRoute: () => settingsLayout,
    path: '/settings/about',
    component: lazyRouteComponent(() => import('@/routes/settings-about'), 'AboutPage'),
  }),
] as const;

export const settingsRoutes = [settingsHome, settingsLayout.addChildren(settings)] as const;
