import { defineMessages } from '@/lib/i18n';

export const messages = defineMessages({
  en: {
    ready: 'Ready',
    readyNote: '{name} · {workers, plural, one {# worker online} other {# workers online}}',
    demo: 'Demo model',
    demoNote: 'Answers a fixed set of question shapes. Connect a model to ask anything.',
    partial: 'No model connected',
    partialNote: 'Questions cannot be answered yet. Connect a model.',
    noWorker: 'No worker online',
    noWorkerNote: 'Data cannot be read until a worker connects. See where workers stand.',
    offline: 'Offline, reconnecting',
    offlineNote: 'The server cannot be reached. Trying again every 10 seconds.',
    checking: 'Checking status',
    label: 'Status: {status}',
  },
  fr: {
    ready: 'Prêt',
    readyNote: '{name} · {workers, plural, one {# worker connecté} other {# workers connectés}}',
    demo: 'Modèle de démonstration',
    demoNote: 'Répond à quelques formes de questions. Connectez un modèle pour tout demander.',
    partial: 'Aucun modèle connecté',
    partialNote: 'Aucune question ne peut encore être traitée. Connectez un modèle.',
    noWorker: 'Aucun worker connecté',
    noWorkerNote: 'Les données ne peuvent pas être lues sans worker connecté. Voir leur état.',
    offline: 'Hors ligne, reconnexion',
    offlineNote: 'Le serveur est injoignable. Nouvel essai toutes les 10 secondes.',
    checking: 'Vérification de l’état',
    label: 'État : {status}',
  },
});
