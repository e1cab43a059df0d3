import { defineMessages } from '@/lib/i18n';

/** Texts about edits that destroy, and about those of which others have approved. */
export const destroyMessages = defineMessages({
  en: {
    editDestroys: 'As you edited it, this destroys data.',
    editUnseen:
      'Nobody could look at what it would do as you edited it, so it counts as destroying data.',
    editRefused: 'As you edited it, this cannot be done',
    needsPeople: '{count} people must approve this very call.',
    approvedAs:
      '{name} has approved it with the edits below. A second approval counts for the very same call only.',
    approvedByYou:
      'You have approved it with the edits below. Another person must approve the same.',
    approvedEdits: 'Approved edits',
    takeOver: 'Take over these edits',
  },
  fr: {
    editDestroys: 'Telle que vous l’avez modifiée, cette action détruit des données.',
    editUnseen:
      'Personne n’a pu voir ce que ferait l’action modifiée : elle compte comme une destruction de données.',
    editRefused: 'Telle que vous l’avez modifiée, cette action est impossible',
    needsPeople: '{count} personnes doivent approuver exactement cet appel.',
    approvedAs:
      '{name} l’a approuvée avec les modifications ci-dessous. Une deuxième approbation ne vaut que pour exactement le même appel.',
    approvedByYou:
      'Vous l’avez approuvée avec les modifications ci-dessous. Une autre personne doit approuver la même.',
    approvedEdits: 'Modifications approuvées',
    takeOver: 'Reprendre ces modifications',
  },
});
