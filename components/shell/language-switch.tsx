'use client';

import { Languages } from 'lucide-react';
import { useLocale, useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { chooseLocale } from '../i18n/choose-locale';
import { localeNames, locales } from '@/messages/locales';
import { DropdownMenu } from '../ui/dropdown-menu';
import { IconButton } from '../ui/icon-button';

/** Changes the language and leaves what was typed where it is: only the server's part is fetched again. */
export function LanguageSwitch() {
  const t = useTranslations('shell');
  const current = useLocale();
  const router = useRouter();
  return (
    <DropdownMenu
      label={t('language')}
      trigger={<IconButton label={t('language')} icon={<Languages />} />}
      items={locales.map((locale) => ({
        label: localeNames[locale],
        checked: locale === current,
        onSelect: () => {
          chooseLocale(locale);
          router.refresh();
        },
      }))}
    />
  );
}
