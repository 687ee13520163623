'use client';

import { PackageOpen } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { SyncedRelease } from '@/server/operations/sync/schemas';
import { Badge } from '../ui/badge';
import { EmptyState } from '../ui/empty-state';
import { LinkButton } from '../ui/link-button';
import { ChooseList } from './choose-list';

/** Chooses releases to distribute; one that is not in sync says that it cannot go anywhere. */
export function ChooseReleases({
  releases,
  selected,
  onChange,
}: {
  releases: readonly SyncedRelease[];
  selected: ReadonlySet<string>;
  onChange: (selected: Set<string>) => void;
}) {
  const t = useTranslations('distributionPages.choose');
  return (
    <ChooseList
      title={t('releases')}
      searchLabel={t('searchReleases')}
      selected={selected}
      onChange={onChange}
      choices={releases.map((release) => ({
        id: release.id,
        title: `${release.name} ${release.version}`,
        note: release.provider,
        words: `${release.provider} ${release.storeName} ${release.architecture}`,
        aside: <Badge>{t(`kinds.${release.kind}`)}</Badge>,
        disabledReason: isHeld(release) ? undefined : t('notInSync'),
      }))}
      empty={
        <EmptyState
          icon={<PackageOpen />}
          title={t('noReleases')}
          action={<LinkButton href="/operations/releases">{t('toReleases')}</LinkButton>}
          compact
        >
          {t('noReleasesText')}
        </EmptyState>
      }
    />
  );
}

/** Whether its bytes are here; also while it is looked at again. */
function isHeld({ state, syncedAt }: SyncedRelease): boolean {
  return state === 'inSync' || (state === 'syncing' && syncedAt !== null);
}
