import type { ServerStatus } from '@/api/types';

/**
 * What the workspace can do right now, worst thing first: without a worker no data can be read,
 * without a model no question can be answered.
 */
export type StatusState = 'checking' | 'offline' | 'noWorker' | 'partial' | 'demo' | 'ready';

export function statusState(status: ServerStatus | undefined, failed: boolean): StatusState {
  if (failed) return 'offline';
  if (!status) return 'checking';
  if (status.workers.online === 0) return 'noWorker';
  if (!status.model.configured && !status.model.is_demo) return 'partial';
  return status.model.is_demo ? 'demo' : 'ready';
}
