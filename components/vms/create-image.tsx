'use client';

import { Disc3, HardDrive } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { GuestImage } from '@/server/sites/site';
import { Badge } from '../ui/badge';
import { ByteSize, useByteSize } from '../ui/byte-size';
import { Digest } from '../ui/digest';
import { EmptyState } from '../ui/empty-state';
import { SearchInput } from '../ui/input';
import { TextLink } from '../ui/link-button';
import { RadioCards } from '../ui/radio-cards';
import { DateTime } from '../ui/relative-time';
import { Select } from '../ui/select';

const kinds = ['all', 'disk', 'iso'] as const;
type Kind = (typeof kinds)[number];

/** Chooses a guest image out of those the site offers, by words and by kind. */
export function ImagePicker({
  images,
  uploads = false,
  value,
  error,
  onChange,
}: {
  images: readonly GuestImage[];
  /** Whether images of ours have to be brought to the site first. */
  uploads?: boolean;
  value: string;
  error: string | undefined;
  onChange: (imageId: string) => void;
}) {
  const t = useTranslations('workbench.create');
  const [words, setWords] = useState('');
  const [kind, setKind] = useState<Kind>('all');
  const twins = twinsOf(images);
  const found = images.filter(
    (image) =>
      (kind === 'all' || (kind === 'iso') === (image.format === 'iso')) &&
      `${image.name} ${image.os ?? ''} ${image.architecture} ${image.digest ?? ''}`
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
        <ImageGroups
          found={found}
          twins={twins}
          uploads={uploads}
          value={value}
          error={error}
          onChange={onChange}
        />
      )}
    </div>
  );
}

/** On a cloud ours, which have to be uploaded, stand apart from the cloud's own. */
function ImageGroups({
  found,
  twins,
  uploads,
  value,
  error,
  onChange,
}: {
  found: readonly GuestImage[];
  twins: ReadonlySet<string>;
  uploads: boolean;
  value: string;
  error: string | undefined;
  onChange: (imageId: string) => void;
}) {
  const t = useTranslations('workbench.create');
  const bytes = useByteSize();
  const cards = (label: string, images: readonly GuestImage[], hideLabel: boolean) => (
    <RadioCards
      label={label}
      hideLabel={hideLabel}
      name="imageId"
      value={value}
      onValueChange={onChange}
      columns={2}
      error={error}
      options={images.map((image) => ({
        value: image.id,
        title: image.name,
        icon: image.format === 'iso' ? <Disc3 /> : <HardDrive />,
        description: <ImageFacts image={image} twin={twins.has(image.id)} />,
        meta:
          uploads && image.ours ? (
            t(image.there ? 'imageThere' : 'imageUploads', { size: bytes(image.size) })
          ) : (
            <ByteSize bytes={image.size} />
          ),
      }))}
    />
  );
  if (!uploads) return cards(t('image'), found, true);
  const groups = [
    { name: 'Theirs' as const, images: found.filter(({ ours }) => !ours) },
    { name: 'Ours' as const, images: found.filter(({ ours }) => ours) },
  ].filter(({ images }) => images.length > 0);
  return groups.map(({ name, images }) => (
    <div key={name} className="flex flex-col gap-2">
      {cards(t(`image${name}`), images, false)}
      <p className="text-text-muted text-[0.8125rem]">{t(`image${name}Text`)}</p>
    </div>
  ));
}

/** Ids of the images that share their name with another one. */
function twinsOf(images: readonly GuestImage[]): Set<string> {
  const count = new Map<string, number>();
  for (const { name } of images) count.set(name, (count.get(name) ?? 0) + 1);
  return new Set(images.filter(({ name }) => (count.get(name) ?? 0) > 1).map(({ id }) => id));
}

/**
 * What a VM from the image needs and takes.
 *
 * @param twin whether another image has the same name, so that what tells them apart is shown too
 */
function ImageFacts({ image, twin }: { image: GuestImage; twin: boolean }) {
  const t = useTranslations('workbench.create');
  return (
    <span className="flex flex-wrap items-center gap-1.5">
      {twin && <TwinFacts image={image} />}
      <span>{t('imageNeeds', { memory: image.minMemoryMiB, disk: image.minDiskGiB })}</span>
      <Badge>{image.architecture}</Badge>
      {image.format === 'iso' && <Badge tone="info">ISO</Badge>}
      {image.cloudInit && <Badge tone="success">{t('takesKeys')}</Badge>}
    </span>
  );
}

function TwinFacts({ image }: { image: GuestImage }) {
  const t = useTranslations('workbench.create');
  return (
    <span className="flex w-full flex-wrap items-center gap-x-2 gap-y-1">
      {image.createdAt !== undefined && (
        <span>
          {t('imageFrom')} <DateTime at={image.createdAt} />
        </span>
      )}
      {image.visibility !== undefined && <span>{t(`imageVisibility.${image.visibility}`)}</span>}
      {/* Within a label nothing else may be pressed, so no copy button. */}
      <Digest value={image.digest ?? image.id} copy={false} />
    </span>
  );
}
