'use client';

import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import { LiveUpdates } from '../live/live-updates';
import { NavRail, PhoneBar } from './nav';
import type { Visitor } from './navigation';
import { RouteAnnouncer } from './route-announcer';
import { ShellActions } from './shell-actions';
import { TopBar } from './top-bar';

/** The frame around every page: rooms at the side, search, activity and account on top. */
export function AppShell({ visitor, children }: { visitor: Visitor; children: ReactNode }) {
  const t = useTranslations('shell');
  return (
    <div className="bg-background text-text flex min-h-dvh">
      <a
        href="#main"
        className="bg-accent text-accent-contrast sr-only z-50 rounded-md px-3 py-2 focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {t('skipToContent')}
      </a>
      <NavRail visitor={visitor} />
      <div className="flex min-w-0 flex-1 flex-col">
        <TopBar visitor={visitor} />
        <main
          id="main"
          className="mx-auto w-full max-w-screen-2xl flex-1 px-4 pt-4 pb-24 md:px-8 md:pt-6 md:pb-12"
        >
          {children}
        </main>
      </div>
      <PhoneBar visitor={visitor} />
      <ShellActions visitor={visitor} />
      <RouteAnnouncer />
      {visitor.userId === undefined ? null : <LiveUpdates />}
    </div>
  );
}
