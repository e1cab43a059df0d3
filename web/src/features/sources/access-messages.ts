import { defineMessages } from '@/lib/i18n';

export const accessMessages = defineMessages({
  en: {
    title: 'What models may see',
    lead: 'People always see rows, beside the answer. A model sees names and types of private columns, counts, and sums or averages over at least five different values: no rows, no samples, no lists of values.',
    source: 'This source is private',
    sourceHelp: 'Every column of every table, also those added later.',
    columns: 'Private columns',
    columnsHelp: 'Tables and columns of the catalog.',
    all: 'The whole source is private, so every column is.',
    column: 'Model sees no values of {column}',
    viewOnly: 'Only who may change sources may change this.',
    saved: 'Saved',
    earlier: 'It holds from the next question on. Answers given before stay in their chats.',
    count: '{count, plural, =0 {none private} one {# private} other {# private}}',
  },
  fr: {
    title: 'Ce que les modèles peuvent voir',
    lead: 'Les personnes voient toujours les lignes, à côté de la réponse. Un modèle voit les noms et types des colonnes privées, des décomptes, et des sommes ou moyennes sur au moins cinq valeurs différentes : ni lignes, ni exemples, ni listes de valeurs.',
    source: 'Cette source est privée',
    sourceHelp: 'Toutes les colonnes de toutes les tables, même ajoutées plus tard.',
    columns: 'Colonnes privées',
    columnsHelp: 'Tables et colonnes du catalogue.',
    all: 'Toute la source est privée, donc chaque colonne l’est.',
    column: 'Le modèle ne voit aucune valeur de {column}',
    viewOnly: 'Il faut pouvoir modifier les sources pour changer ceci.',
    saved: 'Enregistré',
    earlier:
      'Cela vaut dès la prochaine question. Les réponses données restent dans leurs discussions.',
    count: '{count, plural, =0 {aucune privée} one {# privée} other {# privées}}',
  },
});
