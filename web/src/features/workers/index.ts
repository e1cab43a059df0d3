export { AddWorker } from './add-worker';
export { workersQuery } from './api';
export { messages } from './messages';
export { WorkerCard } from './worker-card';
