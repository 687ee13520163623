'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import { useTRPC } from '../api/trpc-provider';
import { ByteSize } from '../ui/byte-size';
import { Digest } from '../ui/digest';
import { Skeleton } from '../ui/skeleton';

/** What a release is made of: each image with its digest, which is what edges are asked for. */
export function ReleaseImages({ releaseId }: { releaseId: string }) {
  const t = useTranslations('distributionPages.plan');
  const { data: release, error } = useQuery(useTRPC().sync.release.queryOptions({ id: releaseId }));
  // Forgotten since: the plan's own figures still stand.
  if (error) return null;
  if (!release) return <Skeleton className="h-10 w-full" />;
  return (
    <div>
      <h3 className="text-text-muted text-[0.8125rem]">{t('images')}</h3>
      <ul className="divide-border divide-y">
        {release.images.map(({ name, artifact }) => (
          <li key={name} className="py-1.5">
            <p className="font-mono text-[0.8125rem] break-all">{name}</p>
            {artifact && (
              <p className="flex items-center justify-between gap-3">
                <Digest value={artifact.digest} />
                <ByteSize bytes={artifact.size} />
              </p>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
