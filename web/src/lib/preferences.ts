import { createStore, useStore, type Store } from './store';

/** What one browser remembers: never anything the server should know. */
export type ThemeChoice = 'system' | 'light' | 'dark';
export type Density = 'comfortable' | 'compact';
export type Locale = 'en' | 'fr';

export function readStored(key: string): string | null {
  try {
    return window.localStorage.getItem(`datelier.${key}`);
  } catch {
    return null;
  }
}

export function writeStored(key: string, value: string): void {
  try {
    window.localStorage.setItem(`datelier.${key}`, value);
  } catch {
    // Storage can be blocked; the choice then lasts until the page is closed.
  }
}

function oneOf<T extends string>(allowed: readonly T[], value: string | null, fallback: T): T {
  return allowed.find((option) => option === value) ?? fallback;
}

function browserLocale(): Locale {
  return navigator.language.toLowerCase().startsWith('fr') ? 'fr' : 'en';
}

export const themeStore: Store<ThemeChoice> = createStore(
  oneOf(['system', 'light', 'dark'], readStored('theme'), 'system'),
);
export const densityStore: Store<Density> = createStore(
  oneOf(['comfortable', 'compact'], readStored('density'), 'comfortable'),
);
export const localeStore: Store<Locale> = createStore(
  oneOf(['en', 'fr'], readStored('locale'), browserLocale()),
);
/** The rail folded to icons. */
export const railStore: Store<boolean> = createStore(readStored('rail') === 'narrow');

const root = () => document.documentElement;

export function setTheme(choice: ThemeChoice): void {
  writeStored('theme', choice);
  if (choice === 'system') delete root().dataset.theme;
  else root().dataset.theme = choice;
  themeStore.set(choice);
}

export function setDensity(density: Density): void {
  writeStored('density', density);
  root().dataset.density = density;
  densityStore.set(density);
}

export function setLocale(locale: Locale): void {
  writeStored('locale', locale);
  root().lang = locale;
  localeStore.set(locale);
}

export function setRailNarrow(narrow: boolean): void {
  writeStored('rail', narrow ? 'narrow' : 'wide');
  railStore.set(narrow);
}

const systemDark = () => window.matchMedia('(prefers-color-scheme: dark)');

const systemStore: Pick<Store<boolean>, 'get' | 'subscribe'> = {
  get: () => systemDark().matches,
  subscribe: (listener) => {
    const query = systemDark();
    query.addEventListener('change', listener);
    return () => query.removeEventListener('change', listener);
  },
};

/** The theme on screen, after the system's preference is applied. */
export function useTheme(): 'light' | 'dark' {
  const choice = useStore(themeStore);
  const dark = useStore({ ...systemStore, set: () => undefined });
  if (choice === 'system') return dark ? 'dark' : 'light';
  return choice;
}
