import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { readStored } from '@/lib/preferences';
import { textSearch } from './root-route';
import { settingsRoutes } from './settings-routes';
import { shellRoute } from './shell-route';

const home = createRoute({
  getParentRoute: () => shellRoute,
  path: '/',
  beforeLoad: () => {
    const thread = readStored('last-thread');
    if (thread !== null) throw redirect({ to: '/chats/$thread', params: { thread } });
    throw redirect({ to: '/chats/new' });
  },
});

const chats = createRoute({
  getParentRoute: () => shellRoute,
  path: '/chats',
  validateSearch: textSearch('q'),
  component: lazyRouteComponent(() => import('@/routes/chats'), 'ChatsPage'),
});

const newChat = createRoute({
  getParentRoute: () => shellRoute,
  path: '/chats/new',
  validateSearch: textSearch('source', 'agent', 'model', 'q'),
  component: lazyRouteComponent(() => import('@/routes/chats-new'), 'NewChatPage'),
});

const chat = createRoute({
  getParentRoute: () => shellRoute,
  path: '/chats/$thread',
  validateSearch: textSearch('m', 'leaf'),
  component: lazyRouteComponent(() => import('@/routes/chats-thread'), 'ThreadPage'),
});

const inbox = createRoute({
  getParentRoute: () => shellRoute,
  path: '/inbox',
  validateSearch: textSearch('view', 'kind', 'risk', 'agent', 'source'),
  component: lazyRouteComponent(() => import('@/routes/inbox'), 'InboxPage'),
});

const inboxRequest = createRoute({
  getParentRoute: () => shellRoute,
  path: '/inbox/$request',
  validateSearch: textSearch('do'),
  component: lazyRouteComponent(() => import('@/routes/inbox-request'), 'RequestPage'),
});

const runs = createRoute({
  getParentRoute: () => shellRoute,
  path: '/runs',
  validateSearch: textSearch('status', 'kind', 'agent', 'source', 'q', 'since'),
  component: lazyRouteComponent(() => import('@/routes/runs'), 'RunsPage'),
});

const run = createRoute({
  getParentRoute: () => shellRoute,
  path: '/runs/$run',
  validateSearch: textSearch('step', 'view', 'tab'),
  component: lazyRouteComponent(() => import('@/routes/run'), 'RunPage'),
});

const runCompare = createRoute({
  getParentRoute: () => shellRoute,
  path: '/runs/$run/compare',
  validateSearch: textSearch('with'),
  component: lazyRouteComponent(() => import('@/routes/run-compare'), 'ComparePage'),
});

const sources = createRoute({
  getParentRoute: () => shellRoute,
  path: '/sources',
  component: lazyRouteComponent(() => import('@/routes/sources'), 'SourcesPage'),
});

const newSource = createRoute({
  getParentRoute: () => shellRoute,
  path: '/sources/new',
  validateSearch: textSearch('kind'),
  component: lazyRouteComponent(() => import('@/routes/sources-new'), 'NewSourcePage'),
});

const sourceHome = createRoute({
  getParentRoute: () => shellRoute,
  path: '/sources/$source',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/sources/$source/$tab', params: { ...params, tab: 'schema' } });
  },
});

const source = createRoute({
  getParentRoute: () => shellRoute,
  path: '/sources/$source/$tab',
  validateSearch: textSearch('table'),
  component: lazyRouteComponent(() => import('@/routes/source'), 'SourcePage'),
});

const definitions = createRoute({
  getParentRoute: () => shellRoute,
  path: '/definitions',
  validateSearch: textSearch('q', 'status', 'source'),
  component: lazyRouteComponent(() => import('@/routes/definitions'), 'DefinitionsPage'),
});

const newDefinition = createRoute({
  getParentRoute: () => shellRoute,
  path: '/definitions/new',
  validateSearch: textSearch('query', 'version', 'source'),
  component: lazyRouteComponent(() => import('@/routes/definitions-new'), 'NewDefinitionPage'),
});

const definition = createRoute({
  getParentRoute: () => shellRoute,
  path: '/definitions/$definition',
  validateSearch: textSearch('tab'),
  component: lazyRouteComponent(() => import('@/routes/definition'), 'DefinitionPage'),
});

const documents = createRoute({
  getParentRoute: () => shellRoute,
  path: '/documents',
  validateSearch: textSearch('archived'),
  component: lazyRouteComponent(() => import('@/routes/documents'), 'DocumentsPage'),
});

const document = createRoute({
  getParentRoute: () => shellRoute,
  path: '/documents/$document',
  validateSearch: textSearch('tab', 'version'),
  component: lazyRouteComponent(() => import('@/routes/document'), 'DocumentPage'),
});

const agents = createRoute({
  getParentRoute: () => shellRoute,
  path: '/agents',
  component: lazyRouteComponent(() => import('@/routes/agents'), 'AgentsPage'),
});

const agent = createRoute({
  getParentRoute: () => shellRoute,
  path: '/agents/$agent',
  validateSearch: textSearch('tab'),
  component: lazyRouteComponent(() => import('@/routes/agent'), 'AgentPage'),
});

export const shellRoutes = [
  home,
  chats,
  newChat,
  chat,
  inbox,
  inboxRequest,
  runs,
  run,
  runCompare,
  sources,
  newSource,
  sourceHome,
  source,
  definitions,
  newDefinition,
  definition,
  documents,
  document,
  agents,
  agent,
  ...settingsRoutes,
] as const;
