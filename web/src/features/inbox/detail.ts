/* What a request's page and its card in a chat are made of; a list needs none of it. */
export { markRead, requestOptions } from './api';
export { messages as requestMessages } from './detail-messages';
export { RequestBody } from './request-detail';
