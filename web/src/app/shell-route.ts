import { createRoute, redirect } from '@tanstack/react-router';
import { api, ApiError } from '@/api/client';
import { sessionQuery } from '@/api/resources';
import type { SetupState } from '@/api/types';
import { rootRoute } from './root-route';
import { Shell } from './shell';

/** Everything inside the shell needs a session; without one: first run, or sign in. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'shell',
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queryClient.query({ ...sessionQuery, staleTime: 'static' });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      const setup = await api.get<SetupState>('/auth/setup');
      if (setup.needs_setup) throw redirect({ to: '/welcome' });
      throw redirect({ to: '/login', search: { next: location.href } });
    }
  },
});
