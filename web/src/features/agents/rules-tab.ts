import { defineMessages } from '@/lib/i18n';

/** The tab of an agent's standing approvals; what it shows is loaded with it. */
export const rulesTab = defineMessages({
  en: { rules: 'Always allowed' },
  fr: { rules: 'Toujours permis' },
});
