export { Grid, type GridProps } from './grid';
export { sortedIndexes, type Sort } from './compare';
export { toJson, toMarkdown, toTsv } from './cells';
export { ResultGrid, type ResultGridProps } from './result-grid';
