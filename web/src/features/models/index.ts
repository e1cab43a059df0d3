export { messages } from './messages';
export { ModelCard } from './model-card';
export { ModelDialog } from './model-dialog';
export { Offers } from './offers';
