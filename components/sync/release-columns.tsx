'use client';

import { useTranslations } from 'next-intl';
import type { SyncedRelease } from '@/server/operations/sync/schemas';
import { ByteSize } from '../ui/byte-size';
import type { DataColumn } from '../ui/data-table-model';
import { RelativeTime } from '../ui/relative-time';
import { Thumbnail } from '../ui/thumbnail';
import { ownPicture } from './own-picture';
import { useStoreName } from './store-words';
import { SyncStateCell } from './sync-state';

/** The columns of the catalogue. @param onOpen tells more of a release */
export function useReleaseColumns(onOpen: (releaseId: string) => void): DataColumn<SyncedRelease>[] {
  const t = useTranslations('syncPages.releases');
  const kinds = useTranslations('syncPages.kinds');
  const storeName = useStoreName();
  return [
    {
      id: 'release',
      header: t('release'),
      phone: 'title',
      sort: ({ name, version }) => `${name} ${version}`,
      cell: (release) => <Name release={release} onOpen={() => onOpen(release.id)} />,
    },
    {
      id: 'state',
      header: t('state'),
      sort: ({ state }) => state,
      cell: (release) => <SyncStateCell release={release} />,
    },
    {
      id: 'kind',
      header: t('kind'),
      phone: 'hide',
      sort: ({ kind }) => kind,
      cell: ({ kind, architecture }) => (
        <span>
          {kinds(kind)} <span className="text-text-muted block text-[0.8125rem]">{architecture}</span>
        </span>
      ),
    },
    {
      id: 'store',
      header: t('store'),
      sort: (release) => storeOf(release, storeName),
      cell: (release) => <span className="break-words">{storeOf(release, storeName)}</span>,
    },
    {
      id: 'size',
      header: t('size'),
      align: 'end',
      phone: 'hide',
      sort: ({ size }) => size,
      cell: ({ size }) => <ByteSize bytes={size} />,
    },
    {
      id: 'published',
      header: t('published'),
      sort: ({ publishedAt }) => publishedAt,
      cell: ({ publishedAt }) => <RelativeTime at={publishedAt} />,
    },
  ];
}

/** The name of a release's store; the own one is known by its id. */
export function storeOf(
  { storeId, storeName }: Pick<SyncedRelease, 'storeId' | 'storeName'>,
  nameOf: ReturnType<typeof useStoreName>,
): string {
  return nameOf({ kind: storeId === 'own' ? 'own' : 'edgeyard', name: storeName });
}

function Name({ release, onOpen }: { release: SyncedRelease; onOpen: () => void }) {
  const { name, version, provider, iconUrl } = release;
  return (
    <span className="flex min-w-0 items-center gap-3">
      <Thumbnail src={ownPicture(iconUrl)} alt="" seed={name} ratio="square" size="sm" />
      <span className="min-w-0">
        <button
          type="button"
          onClick={onOpen}
          className="hover:text-accent text-left font-medium break-words underline-offset-2 hover:underline"
        >
          {name} <span className="text-text-muted tabular font-normal">{version}</span>
        </button>
        <span className="text-text-muted block text-[0.8125rem] font-normal break-words">{provider}</span>
      </span>
    </span>
  );
}
