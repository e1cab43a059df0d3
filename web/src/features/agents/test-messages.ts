import { defineMessages } from '@/lib/i18n';

/** Texts of the chat in which a draft is tried. */
export const testMessages = defineMessages({
  en: {
    test: 'Test chat',
    testLead: 'The saved draft answers here. Nothing of it appears among the chats.',
    testDirty: 'Unsaved changes are not part of the test.',
    testEmpty: 'Ask the draft something',
    testPlaceholder: 'Ask the draft',
    testNew: 'Start over',
    testFailed: 'The question could not be sent',
  },
  fr: {
    test: 'Discussion d’essai',
    testLead: 'Le brouillon enregistré répond ici. Rien n’apparaît parmi les discussions.',
    testDirty: 'Les modifications non enregistrées ne font pas partie de l’essai.',
    testEmpty: 'Posez une question au brouillon',
    testPlaceholder: 'Question au brouillon',
    testNew: 'Recommencer',
    testFailed: 'La question n’a pas pu être envoyée',
  },
});
