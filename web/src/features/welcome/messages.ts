import { defineMessages } from '@/lib/i18n';

export const messages = defineMessages({
  en: {
    title: 'Welcome to Datelier',
    lead: 'Ask your data in plain language, and see the SQL behind every number.',
    start: 'How do you want to start?',
    sample: 'Use sample data',
    sampleNote:
      'A shop’s orders, customers and products. First chart in two clicks, no key needed.',
    upload: 'Upload a file',
    uploadNote: 'CSV, Parquet, JSON, Excel or SQLite.',
    database: 'Connect a database',
    databaseNote: 'PostgreSQL, MySQL, MariaDB and others, read-only.',
    account: 'Your account',
    accountNote: 'It lives on this server only and owns the organization.',
    go: 'Create account and start',
    needLink: 'Open the link from the terminal',
    needLinkBody:
      'The first account is made through a one-time link. It is the last line Datelier printed when it started: http://…/welcome#t=…',
    setUp: 'This organization is set up already.',
    signIn: 'Sign in',
    sampleFailed: 'The account is ready, but the sample data could not be added',
  },
  fr: {
    title: 'Bienvenue dans Datelier',
    lead: 'Interrogez vos données en langage courant et voyez le SQL derrière chaque chiffre.',
    start: 'Comment voulez-vous commencer ?',
    sample: 'Utiliser les données d’exemple',
    sampleNote:
      'Commandes, clients et produits d’un magasin. Un premier graphique en deux clics, sans clé.',
    upload: 'Téléverser un fichier',
    uploadNote: 'CSV, Parquet, JSON, Excel ou SQLite.',
    database: 'Connecter une base de données',
    databaseNote: 'PostgreSQL, MySQL, MariaDB et d’autres, en lecture seule.',
    account: 'Votre compte',
    accountNote: 'Il n’existe que sur ce serveur et possède l’organisation.',
    go: 'Créer le compte et commencer',
    needLink: 'Ouvrez le lien affiché dans le terminal',
    needLinkBody:
      'Le premier compte se crée par un lien à usage unique. C’est la dernière ligne affichée par Datelier au démarrage : http://…/welcome#t=…',
    setUp: 'Cette organisation est déjà configurée.',
    signIn: 'Se connecter',
    sampleFailed: 'Le compte est prêt, mais les données d’exemple n’ont pas pu être ajoutées',
  },
});
