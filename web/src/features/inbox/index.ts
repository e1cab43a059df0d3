export * from './api';
export { InboxFilterBar } from './inbox-filters';
export { messages as inboxMessages } from './messages';
export { RequestList } from './request-list';
