import { defineMessages } from '@/lib/i18n';

export const kindMessages = defineMessages({
  en: {
    approval: 'Approval',
    question: 'Question',
    review: 'Review',
    problem: 'Problem',
    finished: 'Finished',
    mention: 'Mention',
  },
  fr: {
    approval: 'Approbation',
    question: 'Question',
    review: 'Relecture',
    problem: 'Problème',
    finished: 'Terminé',
    mention: 'Mention',
  },
});
