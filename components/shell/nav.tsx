'use client';

import { useTranslations } from 'next-intl';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { Logo } from './logo';
import { isInRoom, roomsFor, type Room, type Visitor } from './navigation';

/** The rooms at the left side, on screens with space for them. */
export function NavRail({ visitor }: { visitor: Visitor }) {
  const t = useTranslations('shell');
  return (
    <nav
      aria-label={t('rooms.label')}
      className="border-border bg-surface sticky top-0 hidden h-dvh w-52 shrink-0 flex-col gap-1 border-r px-3 py-4 md:flex"
    >
      <Link
        href="/"
        className="mb-5 flex items-center gap-2 rounded-md px-2 py-1 text-base font-semibold tracking-tight"
      >
        <Logo className="size-6" />
        Edgeyard
      </Link>
      {roomsFor(visitor).map((room) => (
        <RailLink key={room.name} room={room} />
      ))}
    </nav>
  );
}

function RailLink({ room }: { room: Room }) {
  const t = useTranslations('shell.rooms');
  const here = isInRoom(usePathname(), room);
  return (
    <Link
      href={room.href}
      aria-current={here ? 'page' : undefined}
      className="text-text-muted hover:bg-hover hover:text-text aria-[current=page]:bg-selected aria-[current=page]:text-text flex items-center gap-3 rounded-md px-2.5 py-2 text-sm transition-colors aria-[current=page]:font-medium"
    >
      <room.icon aria-hidden className={`size-4 ${here ? 'text-accent' : ''}`} />
      {t(room.name)}
    </Link>
  );
}

/** The rooms at the lower edge, where a thumb reaches them. */
export function PhoneBar({ visitor }: { visitor: Visitor }) {
  const t = useTranslations('shell.rooms');
  const path = usePathname();
  return (
    <nav
      aria-label={t('label')}
      className="border-border bg-surface fixed inset-x-0 bottom-0 z-30 flex border-t pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {roomsFor(visitor).map((room) => (
        <Link
          key={room.name}
          href={room.href}
          aria-current={isInRoom(path, room) ? 'page' : undefined}
          className="text-text-muted aria-[current=page]:text-accent flex min-h-14 min-w-0 flex-auto flex-col items-center justify-center gap-1 px-0.5 text-xs tracking-tight aria-[current=page]:font-medium"
        >
          <room.icon aria-hidden className="size-5" />
          {t(room.name)}
        </Link>
      ))}
    </nav>
  );
}
