'use client';

import { useTranslations } from 'next-intl';
import type { SyncedRelease } from '@/server/operations/sync/schemas';
import { ByteSize } from '../ui/byte-size';
import { Digest } from '../ui/digest';
import { KeyValueList } from '../ui/key-value';
import { TextLink } from '../ui/link-button';
import { DateTime, RelativeTime } from '../ui/relative-time';
import { storeOf } from './release-columns';
import { useStoreName } from './store-words';

/** What the store says of a release, and since when it is here. */
export function ReleaseFacts({ release }: { release: SyncedRelease }) {
  const t = useTranslations('syncPages.release');
  const kinds = useTranslations('syncPages.kinds');
  const storeName = useStoreName();
  const { storeId, appId, withdrawnAt, syncedAt, digest } = release;
  const store = storeOf(release, storeName);
  return (
    <section aria-label={t('facts')}>
      <h3 className="mb-2 font-semibold">{t('facts')}</h3>
      <KeyValueList
        items={[
          {
            label: t('store'),
            value:
              storeId === 'own' && withdrawnAt === null ? (
                <TextLink href={`/store/apps/${appId}`}>{store}</TextLink>
              ) : (
                store
              ),
          },
          { label: t('kind'), value: kinds(release.kind) },
          {
            label: t('sort'),
            value: [release.type, release.industry].filter((part) => part !== '').join(' · ') || null,
          },
          { label: t('architecture'), value: release.architecture || null },
          { label: t('published'), value: <DateTime at={release.publishedAt} /> },
          { label: t('package'), value: <ByteSize bytes={release.size} /> },
          { label: t('digest'), value: digest === null ? t('noDigest') : <Digest value={digest} /> },
          { label: t('syncedAt'), value: syncedAt === null ? null : <RelativeTime at={syncedAt} /> },
          ...(withdrawnAt === null
            ? []
            : [
                {
                  label: t('withdrawnAt'),
                  value: <RelativeTime at={withdrawnAt} />,
                  hint: t('withdrawnHint'),
                },
              ]),
        ]}
      />
    </section>
  );
}
