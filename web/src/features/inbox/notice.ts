import type { InboxRequest } from '@/api/types';

/** Nothing is asked: it tells how a run ended, and can only be marked as done. */
export const isNotice = ({ actions }: Pick<InboxRequest, 'actions'>) =>
  actions.length > 0 && actions.every(({ name }) => name === 'acknowledge');
