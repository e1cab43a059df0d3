import { Monitor, Moon, Sun } from 'lucide-react';
import { ChoiceCards, messages } from '@/features/settings';
import { useT } from '@/lib/i18n';
import {
  densityStore,
  localeStore,
  setDensity,
  setLocale,
  setTheme,
  themeStore,
} from '@/lib/preferences';
import { useStore } from '@/lib/store';
import { Page } from '@/ui';

/** Languages are named in themselves, so that anyone finds theirs. */
const LANGUAGES = [
  { value: 'en', label: 'English' },
  { value: 'fr', label: 'Français' },
] as const;

export function AppearancePage() {
  const t = useT(messages);
  const icon = 'size-4 text-subtle';
  return (
    <Page title={t('appearance')} description={t('appearanceLead')}>
      <ChoiceCards
        legend={t('theme')}
        value={useStore(themeStore)}
        onChange={setTheme}
        options={[
          { value: 'system', label: t('system'), icon: <Monitor aria-hidden className={icon} /> },
          { value: 'light', label: t('light'), icon: <Sun aria-hidden className={icon} /> },
          { value: 'dark', label: t('dark'), icon: <Moon aria-hidden className={icon} /> },
        ]}
      />
      <ChoiceCards
        legend={t('density')}
        value={useStore(densityStore)}
        onChange={setDensity}
        options={[
          { value: 'comfortable', label: t('comfortable'), note: t('comfortableNote') },
          { value: 'compact', label: t('compact'), note: t('compactNote') },
        ]}
      />
      <ChoiceCards
        legend={t('language')}
        value={useStore(localeStore)}
        onChange={setLocale}
        options={LANGUAGES}
      />
    </Page>
  );
}
