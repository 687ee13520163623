import { cookies, headers } from 'next/headers';
import { getRequestConfig } from 'next-intl/server';
import { localeCookie, pickLocale } from '@/messages/locales';
import { messagesOf } from '@/messages/messages';

// next-intl looks for this file's default export (named in next.config.ts). The language is not part of the address:
// a link shared between colleagues opens in the reader's own language.
export default getRequestConfig(async () => {
  const [jar, sent] = await Promise.all([cookies(), headers()]);
  const locale = pickLocale(jar.get(localeCookie)?.value, sent.get('accept-language'));
  return { locale, messages: messagesOf(locale), timeZone: 'UTC' };
});
