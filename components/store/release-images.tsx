'use client';

import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { ImageLocation } from '@/server/store/schemas';
import { useTRPC } from '../api/trpc-provider';
import { Platforms } from '../containers/image-columns';
import { pullCommand } from '../containers/image-name';
import { ByteSize } from '../ui/byte-size';
import { Card } from '../ui/card';
import { CodeBlock } from '../ui/code-block';
import { Digest } from '../ui/digest';
import { LinkButton } from '../ui/link-button';
import type { ReleaseView } from './app-page';

/** The images of a release: how each is pulled out of the store's registry, or fetched as a file. */
export function ReleaseImages({ release, kind }: { release: ReleaseView; kind: 'vm' | 'container' }) {
  const t = useTranslations('store.releaseImages');
  const trpc = useTRPC();
  const me = useQuery(trpc.access.me.queryOptions());
  // Guests may look, and pull nothing: the registry asks for a login.
  const signedIn = me.data !== undefined && me.data.role !== 'guest';
  const registries = useQuery(trpc.registries.list.queryOptions(undefined, { enabled: signedIn }));
  const ofDisks = kind === 'vm';
  const store = registries.data?.find(({ role }) => role === 'store');
  return (
    <Card title={t('images')} description={t('imagesText')}>
      <ul className="divide-border -my-3 divide-y">
        {release.locations.map((location, index) => (
          <li key={`${location.name} ${location.digest}`} className="flex flex-col gap-2 py-3">
            <Location location={location} store={ofDisks ? undefined : store} />
            {ofDisks && location.artifact && (
              <LinkButton
                href={`/api/v1/store/releases/${release.id}/images/${index}/content`}
                variant="secondary"
                size="sm"
                className="self-start"
                icon={<Download aria-hidden className="size-4" />}
                download
              >
                {t('downloadDisk')}
              </LinkButton>
            )}
          </li>
        ))}
      </ul>
      {me.data && !ofDisks && !signedIn && <p className="text-text-muted mt-4 text-sm">{t('pullSignIn')}</p>}
    </Card>
  );
}

function Location({
  location: { name, digest, artifact },
  store,
}: {
  location: ImageLocation;
  store: { address: string; prefix: string } | undefined;
}) {
  const t = useTranslations('store.releaseImages');
  const shown = artifact?.digest ?? digest;
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <span className="font-mono text-[0.8125rem] font-medium break-all">{name}</span>
        {shown !== null && <Digest value={shown} />}
        {artifact && <Platforms platforms={artifact.platforms} />}
        {artifact && (
          <span className="text-text-muted text-sm">
            <ByteSize bytes={artifact.size} />
          </span>
        )}
      </div>
      {artifact === null && <p className="text-text-muted text-sm">{t('notHeldHere')}</p>}
      {artifact && store && (
        <CodeBlock
          text={pullCommand(
            `${[store.address, store.prefix, artifact.repository].filter(Boolean).join('/')}@${artifact.digest}`,
          )}
          label={t('pull')}
          language="sh"
          wrap
        />
      )}
    </>
  );
}
