import { defineMessages } from '@/lib/i18n';

/** Texts of the ledger: what a run changed outside. */
export const effectMessages = defineMessages({
  en: {
    changes: 'Changes',
    loading: 'Loading the changes',
    none: 'Nothing was changed outside.',
    statement: 'Statement',
    onTable: '{verb} on {table}',
    request: '{method} request',
    state_intended: 'Not made yet',
    state_done: 'Done',
    state_not_done: 'Not done',
    state_unknown: 'Not known',
    unknown:
      'It is not known whether this happened. It is not made again; a question in the inbox asks for it.',
    unknownCount:
      '{count, plural, one {Of one change} other {Of # changes}} it is not known whether it happened. Look under Changes.',
    source: 'Source',
    rows: 'Rows',
    answer: 'Answer',
    at: 'When',
    allowed: 'Allowed by',
    byPolicy: 'The agent’s policy',
    byRequest: '{name}, request {number}',
    byRule: 'Rule {number} of {name}',
    note: 'Note',
  },
  fr: {
    changes: 'Modifications',
    loading: 'Chargement des modifications',
    none: 'Rien n’a été modifié à l’extérieur.',
    statement: 'Instruction',
    onTable: '{verb} sur {table}',
    request: 'Requête {method}',
    state_intended: 'Pas encore faite',
    state_done: 'Faite',
    state_not_done: 'Pas faite',
    state_unknown: 'Inconnu',
    unknown:
      'On ne sait pas si cela a eu lieu. Ce n’est pas refait ; une question dans la boîte de réception le demande.',
    unknownCount:
      '{count, plural, one {Pour une modification} other {Pour # modifications}}, on ne sait pas si elle a eu lieu. Voir Modifications.',
    source: 'Source',
    rows: 'Lignes',
    answer: 'Réponse',
    at: 'Quand',
    allowed: 'Permise par',
    byPolicy: 'Les règles de l’agent',
    byRequest: '{name}, demande {number}',
    byRule: 'Règle {number} de {name}',
    note: 'Note',
  },
});
