'use client';

import { BadgeCheck } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { AppCard } from '@/server/store/schemas';
import { Badge } from '../ui/badge';
import { ByteSize } from '../ui/byte-size';
import { LinkCard } from '../ui/card';
import { useNow } from '../ui/clock';
import { RelativeTime } from '../ui/relative-time';
import { Thumbnail } from '../ui/thumbnail';
import { useStoreWords } from './store-words';

const fresh = 14 * 24 * 3600_000;

/** An app on the shelf. */
export function StoreAppCard({ app }: { app: AppCard }) {
  const t = useTranslations('store');
  const words = useStoreWords();
  return (
    <LinkCard href={`/store/apps/${app.id}`} label={app.name} className="flex h-full flex-col gap-3">
      <div className="flex items-start gap-3">
        <Thumbnail src={app.iconUrl} alt="" seed={app.name} ratio="square" size="md" />
        <div className="min-w-0 flex-1">
          <h2 className="truncate text-base font-semibold" title={app.name}>
            {app.name}
          </h2>
          <p className="text-text-muted truncate text-sm">{t('card.by', { provider: app.provider })}</p>
        </div>
        <Freshness app={app} />
      </div>
      <p className="text-text-muted line-clamp-2 flex-1 text-sm">{app.description}</p>
      <div className="flex flex-wrap gap-1.5">
        <Badge>{t(`kinds.${app.kind}`)}</Badge>
        <Badge>{words.type(app.type)}</Badge>
        <Badge>{app.architecture}</Badge>
        {app.bootProven && (
          <Badge tone="success" icon={<BadgeCheck />} title={t('card.bootProvenText')}>
            {t('card.bootProven')}
          </Badge>
        )}
      </div>
      <p className="text-text-muted tabular flex flex-wrap gap-x-3 gap-y-1 text-[0.8125rem]">
        <span className="text-text font-medium">{app.version}</span>
        <ByteSize bytes={app.size} />
        <span>{t('card.downloads', { count: app.downloads })}</span>
        <RelativeTime at={app.publishedAt} />
      </p>
    </LinkCard>
  );
}

/** Marks what came or changed in the last two weeks. */
function Freshness({ app }: { app: AppCard }) {
  const t = useTranslations('store.card');
  // Undefined on the server: its clock and the reader's may differ.
  const now = useNow(60_000);
  if (now === undefined || now - app.publishedAt > fresh) return null;
  return <Badge tone="accent">{app.releases === 1 ? t('isNew') : t('updated')}</Badge>;
}
