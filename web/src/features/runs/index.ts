export { Announcer } from './announcer';
export { createBrowserLive } from './browser-live';
export { ConnectionNotice } from './connection-notice';
export { LiveContext, useLive, useLiveRun, useThreadChanges, type Live } from './live-context';
export type { RunView } from './fold';
export type { LiveRun } from './run-store';
export { WorkLog } from './work-log';
export type { WorkInput, WorkStatus } from './work-log-model';
