export { Markdown } from './markdown';
export { splitCards, type Segment } from './split-cards';
