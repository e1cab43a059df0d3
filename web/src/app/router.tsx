import type { QueryClient } from '@tanstack/react-query';
import { createRouter, type RouterHistory } from '@tanstack/react-router';
import { configureClient } from '@/api/client';
import { sessionQuery } from '@/api/resources';
import { publicRoutes } from './public-routes';
import { rootRoute } from './root-route';
import { shellRoute } from './shell-route';
import { shellRoutes } from './shell-routes';

const routeTree = rootRoute.addChildren([...publicRoutes, shellRoute.addChildren(shellRoutes)]);

export function createAppRouter(queryClient: QueryClient, history?: RouterHistory) {
  const router = createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
    ...(history ? { history } : {}),
  });
  configureClient({
    signedOut: () => {
      // Without a session to lose, the shell route decides where a newcomer goes.
      if (queryClient.getQueryData(sessionQuery.queryKey) === undefined) return;
      const { href } = router.state.location;
      queryClient.clear();
      void router.navigate({ to: '/login', search: { next: href } });
    },
  });
  return router;
}

export type AppRouter = ReturnType<typeof createAppRouter>;

declare module '@tanstack/react-router' {
  interface Register {
    router: AppRouter;
  }
}
