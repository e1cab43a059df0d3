import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { rootRoute, textSearch } from './root-route';

const welcome = createRoute({
  getParentRoute: () => rootRoute,
  path: '/welcome',
  component: lazyRouteComponent(() => import('@/routes/welcome'), 'WelcomePage'),
});

const login = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: textSearch('next'),
  component: lazyRouteComponent(() => import('@/routes/login'), 'LoginPage'),
});

const invite = createRoute({
  getParentRoute: () => rootRoute,
  path: '/invite/$token',
  component: lazyRouteComponent(() => import('@/routes/invite'), 'InvitePage'),
});

const reset = createRoute({
  getParentRoute: () => rootRoute,
  path: '/reset/$token',
  component: lazyRouteComponent(() => import('@/routes/reset'), 'ResetPage'),
});

export const publicRoutes = [welcome, login, invite, reset] as const;
