'use client';

import { Search } from 'lucide-react';
import { useTranslations } from 'next-intl';
import Link from 'next/link';
import { UserMenu } from '../access/user-menu';
import { ActivityButton } from '../jobs/activity-button';
import { openPalette } from '../palette/open-palette';
import { Kbd } from '../ui/kbd';
import type { Visitor } from './navigation';
import { LanguageSwitch } from './language-switch';
import { Logo } from './logo';
import { ThemeSwitch } from './theme-switch';

/** Search, activity, look, language, account: the same on every page. */
export function TopBar({ visitor }: { visitor: Visitor }) {
  const t = useTranslations('shell');
  return (
    <header className="border-border bg-background/90 sticky top-0 z-30 flex h-14 items-center gap-2 border-b px-4 backdrop-blur md:px-8">
      <Link href="/" aria-label={t('home')} className="mr-1 rounded-md md:hidden">
        <Logo className="size-7" />
      </Link>
      <button
        type="button"
        onClick={openPalette}
        className="border-border bg-surface text-text-muted hover:border-border-strong hover:text-text flex h-9 w-full max-w-80 min-w-0 items-center gap-2 rounded-md border px-3 text-sm transition-colors"
      >
        <Search aria-hidden className="size-4 shrink-0" />
        <span className="truncate">{t('palette.button')}</span>
        <span className="ml-auto hidden sm:block">
          <Kbd keys="mod+k" />
        </span>
      </button>
      <div className="ml-auto flex items-center gap-1">
        {visitor.userId === undefined ? null : <ActivityButton />}
        <ThemeSwitch />
        <LanguageSwitch />
        <UserMenu visitor={visitor} />
      </div>
    </header>
  );
}
