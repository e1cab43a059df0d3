export { addSample, setupQuery } from './api';
export { messages } from './messages';
export { StartCards, type Start } from './start-cards';
