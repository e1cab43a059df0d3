export { queryKeys, queryVersionsOptions, runQuery } from './api';
export { SqlCard, type SqlCardProps } from './sql-card';
export { messages as queryMessages } from './messages';
export { ResultView } from './result-view';
