export { queryKeys, queryVersionsOptions, runQuery } from './api';
export { SqlCard, type SqlCardProps } from './sql-card';
export { messages as queryMessages } from './messages';
export { useResultRows } from './use-result-rows';
export { ResultView } from './result-view';
