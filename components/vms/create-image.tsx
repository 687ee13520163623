'use client';

import { Disc3, HardDrive } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { GuestImage } from '@/server/sites/site';
import { Badge } from '../ui/badge';
import { ByteSize } from '../ui/byte-size';
import { EmptyState } from '../ui/empty-state';
import { SearchInput } from '../ui/input';
import { TextLink } from '../ui/link-button';
import { RadioCards } from '../ui/radio-cards';
import { Select } from '../ui/select';

const kinds = ['all', 'disk', 'iso'] as const;
type Kind = (typeof kinds)[number];

/** Chooses a guest image out of those the site offers, by words and by kind. */
export function ImagePicker({
  images,
  value,
  error,
  onChange,
}: {
  images: readonly GuestImage[];
  value: string;
  error: string | undefined;
  onChange: (imageId: string) => void;
}) {
  const t = useTranslations('workbench.create');
  const [words, setWords] = useState('');
  const [kind, setKind] = useState<Kind>('all');
  const found = images.filter(
    (image) =>
      (kind === 'all' || (kind === 'iso') === (image.format === 'iso')) &&
      `${image.name} ${image.os ?? ''} ${image.architecture}`
        .toLocaleLowerCase()
        .includes(words.trim().toLocaleLowerCase()),
  );
  if (images.length === 0) {
    return (
      <EmptyState icon={<HardDrive />} title={t('noImages')} compact>
        <TextLink href="/images">{t('noImagesText')}</TextLink>
      </EmptyState>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap gap-3">
        <SearchInput
          value={words}
          onValueChange={setWords}
          label={t('searchImages')}
          placeholder={t('searchImages')}
          className="min-w-52 flex-1"
        />
        <Select
          aria-label={t('imageKind')}
          value={kind}
          onChange={(event) => setKind(kinds.find((each) => each === event.target.value) ?? 'all')}
          options={kinds.map((each) => ({ value: each, label: t(`imageKinds.${each}`) }))}
          className="w-auto"
        />
      </div>
      {found.length === 0 ? (
        <EmptyState title={t('noImageFound')} compact />
      ) : (
        <RadioCards
          label={t('image')}
          hideLabel
          name="imageId"
          value={value}
          onValueChange={onChange}
          columns={2}
          error={error}
          options={found.map((image) => ({
            value: image.id,
            title: image.name,
            icon: image.format === 'iso' ? <Disc3 /> : <HardDrive />,
            description: <ImageFacts image={image} />,
            meta: <ByteSize bytes={image.size} />,
          }))}
        />
      )}
    </div>
  );
}

function ImageFacts({ image }: { image: GuestImage }) {
  const t = useTranslations('workbench.create');
  return (
    <span className="flex flex-wrap items-center gap-1.5">
      <span>{t('imageNeeds', { memory: image.minMemoryMiB, disk: image.minDiskGiB })}</span>
      <Badge>{image.architecture}</Badge>
      {image.format === 'iso' && <Badge tone="info">ISO</Badge>}
      {image.cloudInit && <Badge tone="success">{t('takesKeys')}</Badge>}
    </span>
  );
}
