'use client';

import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useMemo, useState } from 'react';
import { usePaletteActions, type PaletteAction } from '../palette/actions';
import { KeyboardHelp } from '../palette/keyboard-help';
import { Palette } from '../palette/palette';
import { onOpenPalette, openPalette } from '../palette/open-palette';
import { adminSections, operationsSections, roomsFor, type Visitor } from './navigation';
import { useEffect } from 'react';

/** What can be done from everywhere: go to a room, open the palette, read the keys. */
export function ShellActions({ visitor }: { visitor: Visitor }) {
  const t = useTranslations('shell');
  const section = useTranslations('access.admin');
  const operations = useTranslations('edgePages.tabs');
  const router = useRouter();
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  useEffect(
    () =>
      onOpenPalette(() => {
        setPalette(true);
      }),
    [],
  );
  const actions = useMemo<PaletteAction[]>(
    () => [
      ...roomsFor(visitor).map((room) => ({
        id: `go.${room.name}`,
        label: t(`rooms.${room.name}`),
        group: t('palette.goTo'),
        shortcut: `g ${room.key}`,
        run: () => {
          router.push(room.href);
        },
      })),
      ...(roomsFor(visitor).some(({ name }) => name === 'operations') ? operationsSections : []).map(
        ({ name, href }) => ({
          id: `go.operations.${name}`,
          label: `${t('rooms.operations')} · ${operations(name)}`,
          group: t('palette.goTo'),
          run: () => {
            router.push(href);
          },
        }),
      ),
      ...(visitor.role === 'admin' ? adminSections : []).map((name) => ({
        id: `go.admin.${name}`,
        label: `${t('rooms.admin')} · ${section(name)}`,
        group: t('palette.goTo'),
        run: () => {
          router.push(`/admin/${name}`);
        },
      })),
      {
        id: 'palette',
        label: t('palette.open'),
        group: t('palette.help'),
        shortcut: 'mod+k',
        run: openPalette,
      },
      {
        id: 'keys',
        label: t('keys.title'),
        group: t('palette.help'),
        shortcut: '?',
        run: () => {
          setHelp(true);
        },
      },
    ],
    [visitor, router, t, section, operations],
  );
  usePaletteActions(actions);
  return (
    <>
      <Palette open={palette} onOpenChange={setPalette} />
      <KeyboardHelp open={help} onOpenChange={setHelp} />
    </>
  );
}
