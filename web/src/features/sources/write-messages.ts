import { defineMessages } from '@/lib/i18n';

export const writeMessages = defineMessages({
  en: {
    practiceTitle: 'Practice corrections',
    practiceNote: 'A copy of the sample that an agent may change, once you have approved it.',
    title: 'Approved writes',
    lead: 'Agents may propose an INSERT, UPDATE or DELETE; a person sees the rows and decides each time. It runs as this account, which nothing else uses. Without it, nobody can change this source from here.',
    leadFile:
      'Agents may propose an INSERT, UPDATE or DELETE; a person sees the rows and decides each time. The file is opened for writing for that statement alone. Without it, nobody can change this source from here.',
    user: 'User for writes',
    userHelp: 'Another account than the one that reads, with rights on the tables to correct.',
    password: 'Password',
    kept: 'Leave it empty to keep the stored one.',
    rows: 'Most rows of one write',
    rowsHelp: 'A statement that changes more is undone.',
    rehearse: 'Run it and roll it back for the preview',
    rehearseHelp: 'Finds what only the database knows. Triggers run and locks are taken meanwhile.',
    allow: 'Allow approved writes',
    save: 'Save',
    remove: 'Forbid writes',
    saved: 'Saved',
  },
  fr: {
    practiceTitle: 'S’exercer aux corrections',
    practiceNote: 'Une copie de l’exemple qu’un agent peut modifier, avec votre approbation.',
    title: 'Écritures approuvées',
    lead: 'Les agents peuvent proposer un INSERT, UPDATE ou DELETE ; une personne voit les lignes et décide à chaque fois. L’instruction s’exécute avec ce compte, que rien d’autre n’utilise. Sans lui, personne ne peut modifier cette source d’ici.',
    leadFile:
      'Les agents peuvent proposer un INSERT, UPDATE ou DELETE ; une personne voit les lignes et décide à chaque fois. Le fichier n’est ouvert en écriture que pour cette instruction. Sans cela, personne ne peut modifier cette source d’ici.',
    user: 'Utilisateur des écritures',
    userHelp: 'Un autre compte que celui qui lit, avec des droits sur les tables à corriger.',
    password: 'Mot de passe',
    kept: 'Laissez vide pour garder celui qui est enregistré.',
    rows: 'Nombre maximal de lignes par écriture',
    rowsHelp: 'Une instruction qui en modifie davantage est annulée.',
    rehearse: 'Exécuter puis annuler pour l’aperçu',
    rehearseHelp:
      'Révèle ce que seule la base sait. Les déclencheurs s’exécutent et des verrous sont pris.',
    allow: 'Autoriser les écritures approuvées',
    save: 'Enregistrer',
    remove: 'Interdire les écritures',
    saved: 'Enregistré',
  },
});
