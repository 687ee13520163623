import type { Locale } from '@/messages/locales';
import type { Messages } from '@/messages/messages';

declare module 'next-intl' {
  interface AppConfig {
    Locale: Locale;
    /** So that a key without a text is a type error. Keys found at run time: components/i18n/use-text-of.ts. */
    Messages: Messages;
  }
}
