/** The languages of the pages; the first one is the fallback. */
export const locales = ['en', 'zh'] as const;
export type Locale = (typeof locales)[number];

/** Each language's name in itself, for the switch. */
export const localeNames: Record<Locale, string> = { en: 'English', zh: '简体中文' };

/** Cookie that holds a visitor's choice. */
export const localeCookie = 'locale';

/**
 * The language to answer in.
 *
 * @param chosen value of the cookie, if any
 * @param acceptLanguage the header, if any (RFC 9110 section 12.5.4)
 */
export function pickLocale(chosen: string | undefined, acceptLanguage: string | null | undefined): Locale {
  if (isLocale(chosen)) return chosen;
  const wanted = (acceptLanguage ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', ...params] = part.trim().split(';');
      const quality = params.map((param) => /^\s*q=([\d.]+)$/.exec(param)?.[1]).find(Boolean);
      return { language: tag.trim().toLowerCase().split('-')[0], quality: Number(quality ?? 1) };
    })
    .filter((entry) => entry.quality > 0)
    .sort((a, b) => b.quality - a.quality);
  return wanted.map((entry) => entry.language).find(isLocale) ?? locales[0];
}

function isLocale(value: string | undefined): value is Locale {
  return locales.some((locale) => locale === value);
}
