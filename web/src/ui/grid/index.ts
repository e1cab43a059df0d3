export { ResultGrid, type ResultGridProps } from './result-grid';
