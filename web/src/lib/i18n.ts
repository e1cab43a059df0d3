import { formatMessage, type MessageParams } from './message-format';
import { localeStore, type Locale } from './preferences';
import { useStore } from './store';

/** The texts of one feature, in every language we ship. */
export type Catalogue<K extends string> = Record<Locale, Record<K, string>>;

export type Translate<K extends string> = (key: K, params?: MessageParams) => string;

/** Declares a feature's texts; the French keys must equal the English ones. */
export function defineMessages<K extends string>(catalogue: {
  en: Record<K, string>;
  fr: Record<NoInfer<K>, string>;
}): Catalogue<K> {
  return catalogue;
}

/** Translates outside a component, in the locale of the moment. */
export function translate<K extends string>(
  catalogue: Catalogue<K>,
  key: K,
  params?: MessageParams,
): string {
  const locale = localeStore.get();
  return formatMessage(catalogue[locale][key], locale, params);
}

/** `const t = useT(messages)`; `t('rows', { count: 3 })`. */
export function useT<K extends string>(catalogue: Catalogue<K>): Translate<K> {
  const locale = useStore(localeStore);
  return (key, params) => formatMessage(catalogue[locale][key], locale, params);
}
