import { defineMessages } from '@/lib/i18n';

/** What the export of a result says; it comes with its dialog. */
export const exportMessages = defineMessages({
  en: {
    format: 'Format',
    exportTitle: 'Download all rows',
    exportStart: 'Make the file',
    export_rows: '{rows} rows, {bytes}',
    export_file: 'Writing the file: {rows} rows',
    exportDone: 'The file is ready: {rows} rows.',
    exportCut: 'It ends at the largest size that the server allows.',
    exportStopped: 'Stopped; nothing was kept.',
    exportFailed: 'The file could not be made',
    saveFile: 'Save the file ({bytes})',
    stop: 'Stop',
  },
  fr: {
    format: 'Format',
    exportTitle: 'Télécharger toutes les lignes',
    exportStart: 'Créer le fichier',
    export_rows: '{rows} lignes, {bytes}',
    export_file: 'Écriture du fichier : {rows} lignes',
    exportDone: 'Le fichier est prêt : {rows} lignes.',
    exportCut: 'Il s’arrête à la plus grande taille que le serveur autorise.',
    exportStopped: 'Arrêté ; rien n’a été conservé.',
    exportFailed: 'Le fichier n’a pas pu être créé',
    saveFile: 'Enregistrer le fichier ({bytes})',
    stop: 'Arrêter',
  },
});
