'use client';

import { useTranslations } from 'next-intl';
import type { SyncedRelease } from '@/server/operations/sync/schemas';
import { Platforms } from '../containers/image-columns';
import { ByteSize } from '../ui/byte-size';
import { Digest } from '../ui/digest';

/** The images of a release as they lie in the operations registry, by digest. */
export function ReleaseImageList({ release }: { release: SyncedRelease }) {
  const t = useTranslations('syncPages.release');
  return (
    <section aria-label={t('images')}>
      <h3 className="mb-2 font-semibold">{t('images')}</h3>
      {release.images.length === 0 ? (
        <p className="text-text-muted">{t(release.syncedAt === null ? 'imagesLater' : 'noImages')}</p>
      ) : (
        <ul className="border-border divide-border divide-y rounded-lg border">
          {release.images.map(({ name, digest, artifact }) => (
            <li key={`${name} ${digest}`} className="flex flex-col gap-1 px-3 py-2.5">
              <span className="font-mono text-[0.8125rem] font-medium break-all">{name}</span>
              {artifact ? (
                <>
                  <span className="flex flex-wrap items-center gap-x-4 gap-y-1">
                    <Digest value={artifact.digest} label={name} />
                    <Platforms platforms={artifact.platforms} />
                    <span className="text-text-muted text-[0.8125rem]">
                      <ByteSize bytes={artifact.size} />
                    </span>
                  </span>
                  <span className="text-text-muted font-mono text-xs break-all">
                    {artifact.repository}:{artifact.tag}
                  </span>
                </>
              ) : (
                <span className="text-warning text-[0.8125rem]">{t('notHeld')}</span>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
