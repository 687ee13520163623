import { localeCookie, type Locale } from '@/messages/locales';

/**
 * Keeps the visitor's language for a year. The caller refreshes the page's server part; what was typed stays.
 *
 * @param locale the language chosen
 */
export function chooseLocale(locale: Locale): void {
  document.cookie = `${localeCookie}=${locale}; path=/; max-age=31536000; samesite=lax`;
}
