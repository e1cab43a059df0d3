import { defineMessages } from '@/lib/i18n';

/** What the page of a new chat says. */
export const newMessages = defineMessages({
  en: {
    welcome: 'What do you want to know?',
    starters: 'Questions to start with',
    recent: 'Recent chats',
    noSourceTitle: 'Connect some data first',
    noSourceBody:
      'An answer needs a source: a database, a file, or the sample data that comes along.',
    useSample: 'Use sample data',
  },
  fr: {
    welcome: 'Que voulez-vous savoir ?',
    starters: 'Questions pour commencer',
    recent: 'Discussions récentes',
    noSourceTitle: 'Connectez d’abord des données',
    noSourceBody: 'Il faut une source : une base, un fichier, ou les données d’exemple fournies.',
    useSample: 'Utiliser les données d’exemple',
  },
});
