import { defineMessages } from '@/lib/i18n';

/** What the list of chats says. */
export const listMessages = defineMessages({
  en: {
    searchChats: 'Search chats',
    noChats: 'No chats yet',
    noChatsBody: 'Ask a question about your data and it appears here.',
    noMatches: 'No chat matches “{q}”.',
    more: 'Load more',
    listFailed: 'The chats could not be loaded',
    columnTitle: 'Title',
    columnSources: 'Source',
    columnUpdated: 'Updated',
    columnStatus: 'Status',
    columnCost: 'Cost',
    status_queued: 'Queued',
    status_running: 'Running',
    status_idle: 'Done',
  },
  fr: {
    searchChats: 'Chercher une discussion',
    noChats: 'Aucune discussion pour l’instant',
    noChatsBody: 'Posez une question sur vos données et elle apparaîtra ici.',
    noMatches: 'Aucune discussion ne correspond à « {q} ».',
    more: 'Charger la suite',
    listFailed: 'Impossible de charger les discussions',
    columnTitle: 'Titre',
    columnSources: 'Source',
    columnUpdated: 'Mis à jour',
    columnStatus: 'État',
    columnCost: 'Coût',
    status_queued: 'En attente',
    status_running: 'En cours',
    status_idle: 'Terminé',
  },
});
