'use client';

import { useTranslations } from 'next-intl';
import type { PackageImage } from '@/server/packages/schemas';
import { Badge } from '../ui/badge';
import { ByteSize, useByteSize } from '../ui/byte-size';
import { Card } from '../ui/card';
import { Digest } from '../ui/digest';

/** The images a package carries or names. */
export function PackageImages({ images }: { images: readonly PackageImage[] }) {
  const t = useTranslations('packages.view');
  const size = useByteSize();
  return (
    <Card title={t('images')}>
      {images.length === 0 ? (
        <p className="text-text-muted">{t('noImages')}</p>
      ) : (
        <ul className="divide-border flex flex-col divide-y">
          {images.map((image) => (
            <li
              key={`${image.name}:${image.version}`}
              className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2 first:pt-0 last:pb-0"
            >
              <span className="font-medium">{image.name}</span>
              <Badge>{image.mode === 'embedded' ? t('inside') : t('byReference')}</Badge>
              <span className="text-text-muted tabular flex flex-wrap gap-x-3 text-sm">
                <span>{[image.format, image.architecture, image.os].filter((word) => word).join(' · ')}</span>
                <ByteSize bytes={image.size} />
                {image.virtualSize !== null && (
                  <span>{t('virtualSize', { size: size(image.virtualSize) })}</span>
                )}
              </span>
              {image.digest !== null && <Digest value={image.digest} label={t('digest')} />}
              {image.digest === null && image.location !== null && (
                <span className="text-text-muted font-mono text-xs break-all">{image.location}</span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
