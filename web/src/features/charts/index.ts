export { ChartCard } from './chart-card';
export { DrawResult } from './draw-result';
