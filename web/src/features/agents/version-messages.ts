import { defineMessages } from '@/lib/i18n';

export const versionMessages = defineMessages({
  en: {
    current: 'Published',
    one: 'Version',
    when: 'Published by',
    restore: 'Restore as draft',
    restored: 'Version {version} is the draft now',
    draft: 'Draft',
    version: 'Version {version}',
    noVersions: 'Nothing is published yet',
    noVersionsBody: 'Publish the draft to make it the first version.',
    mentions: 'Mentions',
    asUsual: 'As usual for its kind',
    allSchemas: 'All',
    removed: 'no longer there',
  },
  fr: {
    current: 'Publiée',
    one: 'Version',
    when: 'Publiée par',
    restore: 'Reprendre comme brouillon',
    restored: 'La version {version} est le brouillon',
    draft: 'Brouillon',
    version: 'Version {version}',
    noVersions: 'Rien n’est encore publié',
    noVersionsBody: 'Publiez le brouillon pour en faire la première version.',
    mentions: 'Mentions',
    asUsual: 'Comme d’habitude pour son genre',
    allSchemas: 'Tous',
    removed: 'n’existe plus',
  },
});
