export * from './api';
export { HistogramPlace, RunsHistogram } from './histogram';
export { messages as runMessages } from './messages';
export { RunFilterBar } from './run-filters';
export { RunTable } from './run-table';
