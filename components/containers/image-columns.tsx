'use client';

import { useTranslations } from 'next-intl';
import type { ContainerImage, ContainerSource } from '@/server/containers/schemas';
import { Badge } from '../ui/badge';
import { ByteSize } from '../ui/byte-size';
import type { DataColumn } from '../ui/data-table-model';
import { Digest } from '../ui/digest';
import { RelativeTime } from '../ui/relative-time';
import { ImageName, imageName } from './image-name';

/** Platforms named one by one; the others are counted. */
const namedPlatforms = 2;

/** Columns of the table of container images. @param show called when somebody asks for an image's details */
export function useImageColumns(show: (image: ContainerImage) => void): DataColumn<ContainerImage>[] {
  const t = useTranslations('containerPages.images');
  return [
    {
      id: 'name',
      header: t('name'),
      phone: 'title',
      sort: imageName,
      cell: (image) => (
        <button
          type="button"
          className="cursor-pointer rounded-sm text-left hover:underline"
          aria-label={t('showAll', { name: imageName(image) })}
          onClick={() => show(image)}
        >
          <ImageName image={image} />
        </button>
      ),
    },
    {
      id: 'digest',
      header: t('digest'),
      cell: ({ digest }) => <Digest value={digest} label={t('digest')} />,
    },
    {
      id: 'platforms',
      header: t('platforms'),
      sort: ({ platforms }) => platforms.join(),
      cell: ({ platforms }) => <Platforms platforms={platforms} />,
    },
    {
      id: 'size',
      header: t('size'),
      align: 'end',
      sort: ({ size }) => size,
      cell: ({ size }) => <ByteSize bytes={size} />,
    },
    {
      id: 'source',
      header: t('source'),
      cell: ({ source }) => <SourceText source={source} />,
    },
    {
      id: 'changed',
      header: t('changed'),
      phone: 'hide',
      sort: ({ updatedAt }) => updatedAt,
      cell: ({ updatedAt }) => <RelativeTime at={updatedAt} />,
    },
  ];
}

/** Platforms of an image as badges: the first two, and how many more there are. */
export function Platforms({ platforms }: { platforms: readonly string[] }) {
  const t = useTranslations('containerPages.images');
  const rest = platforms.slice(namedPlatforms);
  return (
    <span className="flex flex-wrap gap-1">
      {platforms.slice(0, namedPlatforms).map((platform) => (
        <Badge key={platform}>{platform}</Badge>
      ))}
      {rest.length > 0 && <Badge title={rest.join(', ')}>{t('more', { count: rest.length })}</Badge>}
    </span>
  );
}

/** Where an image came from, in words. */
export function SourceText({ source }: { source: ContainerSource }) {
  const t = useTranslations('containerPages.images');
  const words = () => {
    switch (source.kind) {
      case 'upload':
        return t('sourceUpload', { file: source.fileName });
      case 'pull':
        return t('sourcePull', { from: source.from });
      case 'known':
        return t('sourceKnown');
    }
  };
  return <span className="text-text-muted break-all">{words()}</span>;
}
