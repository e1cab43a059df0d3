import { Fragment } from 'react';
import { defineMessages, useT } from '@/lib/i18n';
import { Dialog, Kbd } from '@/ui';
import { MODIFIER } from '@/ui/kbd';

const messages = defineMessages({
  en: {
    title: 'Keyboard shortcuts',
    anywhere: 'Anywhere',
    goTo: 'Go to',
    chats: 'Chats',
    newChat: 'New chat',
    toInbox: 'Inbox',
    runs: 'Runs',
    sources: 'Sources',
    definitions: 'Definitions',
    agents: 'Agents',
    search: 'Search or jump',
    rail: 'Fold the navigation',
    help: 'This list',
    writing: 'Writing a question',
    send: 'Send',
    line: 'New line',
    recall: 'Recall what you asked before',
    stop: 'Stop the answer',
    follow: 'Ask a follow-up question',
    sql: 'SQL and forms',
    runSql: 'Run the statement',
    save: 'Save the form',
    leave: 'Leave the editor',
    inbox: 'In the inbox',
    move: 'Down and up',
    decide: 'Approve, edit, respond, reject',
    handle: 'Select, snooze, mark as unread',
    run: 'In a run',
    fold: 'Move and fold',
    errors: 'Next and previous error',
    find: 'Find a step',
    view: 'Tree and timeline',
  },
  fr: {
    title: 'Raccourcis clavier',
    anywhere: 'Partout',
    goTo: 'Aller à',
    chats: 'Discussions',
    newChat: 'Nouvelle discussion',
    toInbox: 'Boîte de réception',
    runs: 'Exécutions',
    sources: 'Sources',
    definitions: 'Définitions',
    agents: 'Agents',
    search: 'Chercher ou aller à',
    rail: 'Replier la navigation',
    help: 'Cette liste',
    writing: 'En écrivant une question',
    send: 'Envoyer',
    line: 'Nouvelle ligne',
    recall: 'Rappeler ce que vous avez demandé',
    stop: 'Arrêter la réponse',
    follow: 'Poser une question proposée',
    sql: 'SQL et formulaires',
    runSql: 'Exécuter l’instruction',
    save: 'Enregistrer le formulaire',
    leave: 'Quitter l’éditeur',
    inbox: 'Dans la boîte de réception',
    move: 'Descendre et monter',
    decide: 'Approuver, modifier, répondre, rejeter',
    handle: 'Sélectionner, reporter, marquer non lu',
    run: 'Dans une exécution',
    fold: 'Parcourir et replier',
    errors: 'Erreur suivante et précédente',
    find: 'Chercher une étape',
    view: 'Arbre et chronologie',
  },
});

type Key = keyof (typeof messages)['en'];

/** Keys in one text are pressed together or one after the other; beside each other they are several. */
const GROUPS: readonly [Key, readonly (readonly [Key, ...string[]])[]][] = [
  [
    'anywhere',
    [
      ['search', `${MODIFIER}K`],
      ['rail', '['],
      ['help', '?'],
    ],
  ],
  [
    'goTo',
    [
      ['chats', 'g c'],
      ['newChat', 'g n'],
      ['toInbox', 'g i'],
      ['runs', 'g r'],
      ['sources', 'g s'],
      ['definitions', 'g d'],
      ['agents', 'g a'],
    ],
  ],
  [
    'writing',
    [
      ['send', 'Enter'],
      ['line', 'Shift Enter'],
      ['recall', '↑'],
      ['stop', 'Esc'],
      ['follow', 'Alt 1', 'Alt 2', 'Alt 3'],
    ],
  ],
  [
    'sql',
    [
      ['runSql', `${MODIFIER}Enter`],
      ['save', `${MODIFIER}S`],
      ['leave', 'Esc Tab'],
    ],
  ],
  [
    'inbox',
    [
      ['move', 'j', 'k'],
      ['decide', 'a', 'e', 'r', '#'],
      ['handle', 'x', 'h', 'u'],
    ],
  ],
  [
    'run',
    [
      ['fold', '↑', '↓', '←', '→'],
      ['errors', 'n', 'p'],
      ['find', 'f'],
      ['view', 't', 'l'],
    ],
  ],
];

/** Every shortcut there is, by the place where it acts. */
export default function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const t = useT(messages);
  return (
    <Dialog open onClose={onClose} title={t('title')}>
      <div
        role="group"
        aria-label={t('title')}
        // It scrolls on a phone, so it can be reached with the keyboard.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls takes focus
        tabIndex={0}
        className="gap-x-8 rounded-md pb-3 sm:columns-2"
      >
        {GROUPS.map(([group, rows]) => (
          <section key={group} className="mb-4 flex break-inside-avoid flex-col gap-1.5">
            <h3 className="text-sm font-strong">{t(group)}</h3>
            <dl className="grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-3 gap-y-1.5 text-sm">
              {rows.map(([what, ...keys]) => (
                <Fragment key={what}>
                  <dt className="text-muted">{t(what)}</dt>
                  <dd className="flex max-w-32 flex-wrap justify-end gap-1">
                    {keys.map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dd>
                </Fragment>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
