export { catalogOptions, runQuery } from './api';
export { SqlCard, type SqlCardProps } from './sql-card';
