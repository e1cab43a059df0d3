export { queryKeys, queryVersionsOptions, runQuery } from './api';
export { SqlCard, type SqlCardProps } from './sql-card';
