export { notificationsQuery } from './api';
export { BrowserCard } from './browser-card';
export { EmailCard } from './email-card';
export { KindTable } from './kind-table';
export { messages } from './messages';
export { WebhooksCard } from './webhooks-card';
