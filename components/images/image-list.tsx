'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Disc3, Link2, SearchX, Upload } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useDeferredValue, useMemo, useState } from 'react';
import type { DiskImage, ImageFilter } from '@/server/images/schemas';
import { useTRPC } from '../api/trpc-provider';
import { usePaletteActions } from '../palette/actions';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { ByteSize } from '../ui/byte-size';
import { DataTable, type DataTableProps } from '../ui/data-table';
import { Digest } from '../ui/digest';
import { EmptyState } from '../ui/empty-state';
import { SearchInput } from '../ui/input';
import { LinkButton } from '../ui/link-button';
import { PageHeader } from '../ui/page-header';
import { RelativeTime } from '../ui/relative-time';
import { Select } from '../ui/select';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { ImagePicture } from './image-picture';
import { ImageStateDot } from './image-state';

type Source = NonNullable<ImageFilter['source']>;
const sources: readonly Source[] = ['built-in', 'upload', 'url', 'capture', 'registry'];

/** The images the visitor may use. */
export function ImageList() {
  const t = useTranslations('images.list');
  const trpc = useTRPC();
  const [words, setWords] = useState('');
  const [source, setSource] = useState<Source | ''>('');
  const search = useDeferredValue(words.trim());
  const filter = { ...(search !== '' && { search }), ...(source !== '' && { source }) };
  const query = useQuery(trpc.images.list.queryOptions(filter, { placeholderData: keepPreviousData }));
  useImageActions();

  const add = (
    <>
      <LinkButton href="/images/new?from=url" icon={<Link2 />}>
        {t('fetch')}
      </LinkButton>
      <LinkButton href="/images/new" variant="primary" icon={<Upload />}>
        {t('upload')}
      </LinkButton>
    </>
  );
  const filtered = search !== '' || source !== '';
  return (
    <>
      <PageHeader title={t('title')} description={t('description')} actions={add} />
      <QueryView query={query} pending={<SkeletonRows label={t('loading')} />}>
        {(images) =>
          images.length === 0 && !filtered ? (
            <EmptyState
              icon={<Disc3 />}
              title={t('emptyTitle')}
              action={<div className="flex gap-2">{add}</div>}
            >
              {t('emptyText')}
            </EmptyState>
          ) : (
            <div className="flex flex-col gap-4">
              <div className="flex flex-wrap gap-3">
                <SearchInput
                  value={words}
                  onValueChange={setWords}
                  label={t('search')}
                  placeholder={t('search')}
                  className="max-w-md min-w-56 flex-1"
                />
                <SourceSelect value={source} onChange={setSource} />
              </div>
              <ImageTable
                images={images}
                busy={query.isPlaceholderData}
                onClear={() => {
                  setWords('');
                  setSource('');
                }}
              />
            </div>
          )
        }
      </QueryView>
    </>
  );
}

function useImageActions(): void {
  const t = useTranslations('images.list');
  const router = useRouter();
  usePaletteActions(
    useMemo(
      () => [
        { id: 'images.upload', label: t('upload'), group: t('title'), run: () => router.push('/images/new') },
        {
          id: 'images.fetch',
          label: t('fetch'),
          group: t('title'),
          run: () => router.push('/images/new?from=url'),
        },
      ],
      [router, t],
    ),
  );
}

function SourceSelect({ value, onChange }: { value: Source | ''; onChange: (value: Source | '') => void }) {
  const t = useTranslations('images');
  return (
    <div className="w-52">
      <Select
        aria-label={t('list.source')}
        value={value}
        onChange={({ target }) => onChange(sources.find((each) => each === target.value) ?? '')}
        options={[
          { value: '', label: t('list.anySource') },
          ...sources.map((each) => ({ value: each, label: t(`sources.${each}`) })),
        ]}
      />
    </div>
  );
}

function ImageTable({ images, busy, onClear }: { images: DiskImage[]; busy: boolean; onClear: () => void }) {
  const t = useTranslations('images.list');
  const columns = useColumns();
  return (
    <DataTable
      label={t('title')}
      rows={images}
      columns={columns}
      rowId={({ id }) => id}
      rowHref={({ id }) => `/images/${id}`}
      busy={busy}
      pageSize={50}
      empty={
        <EmptyState
          icon={<SearchX />}
          title={t('nothingFound')}
          action={<Button onClick={onClear}>{t('clear')}</Button>}
          compact
        >
          {t('nothingFoundText')}
        </EmptyState>
      }
    />
  );
}

function useColumns(): DataTableProps<DiskImage>['columns'] {
  const t = useTranslations('images');
  return [
    {
      id: 'name',
      header: t('list.name'),
      cell: (image) => <NameCell image={image} />,
      sort: ({ name }) => name,
    },
    {
      id: 'state',
      header: t('list.state'),
      cell: ({ state }) => <ImageStateDot state={state} />,
      sort: ({ state }) => state,
    },
    { id: 'system', header: t('list.system'), cell: ({ os }) => os ?? '–', sort: ({ os }) => os },
    {
      id: 'size',
      header: t('list.size'),
      cell: (image) => <SizeCell image={image} />,
      sort: ({ size }) => size,
      align: 'end',
    },
    {
      id: 'virtualSize',
      header: t('list.virtualSize'),
      cell: ({ virtualSize, state }) => (state === 'ready' ? <ByteSize bytes={virtualSize} /> : '–'),
      sort: ({ virtualSize }) => virtualSize,
      align: 'end',
    },
    {
      id: 'digest',
      header: t('list.digest'),
      cell: ({ digest }) => (digest === null ? '–' : <Digest value={digest} length={8} />),
      phone: 'hide',
    },
    {
      id: 'origin',
      header: t('list.origin'),
      cell: ({ source }) => t(`sources.${source.kind}`),
      sort: ({ source }) => source.kind,
      phone: 'hide',
    },
    {
      id: 'usedBy',
      header: t('list.usedBy'),
      cell: ({ usedBy }) => t('list.uses', { count: usedBy.length }),
      sort: ({ usedBy }) => usedBy.length,
      phone: 'hide',
    },
    {
      id: 'created',
      header: t('list.created'),
      cell: ({ createdAt }) => <RelativeTime at={createdAt} />,
      sort: ({ createdAt }) => createdAt,
    },
  ];
}

function SizeCell({ image: { size, state, format } }: { image: DiskImage }) {
  if (state !== 'ready') return '–';
  return (
    <span className="flex flex-col items-end">
      <ByteSize bytes={size} />
      <span className="text-text-muted text-[0.8125rem]">{format}</span>
    </span>
  );
}

function NameCell({ image }: { image: DiskImage }) {
  const t = useTranslations('images.list');
  const [newest] = image.proofs;
  return (
    <div className="flex min-w-0 items-center gap-3">
      <ImagePicture image={image} size="sm" />
      <div className="flex min-w-0 flex-col gap-0.5">
        <span className="font-medium break-words">{image.name}</span>
        {newest !== undefined && (
          <span>
            <Badge tone={newest.passed ? 'success' : 'warning'}>
              {newest.passed ? t('booted') : t('notBooted')}
            </Badge>
          </span>
        )}
      </div>
    </div>
  );
}
