export { Grid } from './grid';
export type { GridProps } from './grid-props';
export { sortedIndexes, type Sort } from './compare';
export { toJson, toMarkdown, toTsv } from './cells';
export { ResultGrid, type ResultGridProps } from './result-grid';
