/** Shapes of the HTTP API, one file per slice. */
export type * from './types/common';
export type * from './types/auth';
export type * from './types/status';
export type * from './types/models';
export type * from './types/sources';
export type * from './types/workers';
export type * from './types/profiles';
export type * from './types/queries';
export type * from './types/charts';
export type * from './types/definitions';
export type * from './types/documents';
export type * from './types/agents';
export type * from './types/threads';
export type * from './types/runs';
export type * from './types/usage';
export type * from './types/inbox';
export type * from './types/notifications';
