import type { Locale } from '@/messages/locales';

// Messages are not typed by key: a Problem's key is data, found at run time. The message test and the browser tests
// find missing keys instead.
declare module 'next-intl' {
  interface AppConfig {
    Locale: Locale;
  }
}
