export { Markdown } from './markdown';
export type { Mark } from './marks';
export { splitCards, type Segment } from './split-cards';
