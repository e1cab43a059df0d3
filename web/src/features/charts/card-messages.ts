import { defineMessages } from '@/lib/i18n';

/** What is said before a chart is loaded; the rest comes with what draws it. */
export const cardMessages = defineMessages({
  en: {
    card: 'Chart {handle}: {title}',
    from: 'from {query} v{version} · {count, plural, one {# row} other {# rows}}',
    outdated: 'Drawn from {query} v{version}; v{newest} is newer.',
    update: 'Update the answer',
    loading: 'Loading the chart',
    cannotLoad: 'The chart could not be loaded',
    figures: 'Figures of the chart',
    annotation: 'Annotation at',
  },
  fr: {
    card: 'Graphique {handle} : {title}',
    from: 'de {query} v{version} · {count, plural, one {# ligne} other {# lignes}}',
    outdated: 'Tracé à partir de {query} v{version} ; v{newest} est plus récente.',
    update: 'Mettre la réponse à jour',
    loading: 'Chargement du graphique',
    cannotLoad: 'Impossible de charger le graphique',
    figures: 'Chiffres du graphique',
    annotation: 'Repère à',
  },
});
