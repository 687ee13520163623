'use client';

import { BadgeCheck, Download } from 'lucide-react';
import { useFormatter, useTranslations } from 'next-intl';
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
  const format = useFormatter();
  return (
    <LinkCard
      href={`/store/apps/${app.id}`}
      label={app.name}
      className="group flex h-full flex-col gap-3.5 transition-[border-color,box-shadow,translate] motion-safe:hover:-translate-y-0.5"
    >
      <div className="flex items-start gap-3.5">
        <Thumbnail src={app.iconUrl} alt="" seed={app.name} ratio="square" size="md" />
        <div className="min-w-0 flex-1">
          <h2
            className="group-hover:text-accent line-clamp-2 text-base leading-snug font-semibold transition-colors"
            title={app.name}
          >
            {app.name}
          </h2>
          <p className="text-text-muted mt-0.5 truncate text-[0.8125rem]">
            {t('card.by', { provider: app.provider })}
          </p>
        </div>
      </div>
      <p className="text-text-muted line-clamp-3 flex-1 text-sm">
        {app.description || t('card.noDescription')}
      </p>
      <div className="flex flex-wrap gap-1.5">
        <Freshness app={app} />
        {app.bootProven && (
          <Badge tone="success" icon={<BadgeCheck />} title={t('card.bootProvenText')}>
            {t('card.bootProven')}
          </Badge>
        )}
        <Badge>{words.type(app.type)}</Badge>
        <Badge>{app.architecture}</Badge>
        {app.kind === 'container' && <Badge>{t('kinds.container')}</Badge>}
      </div>
      <p className="border-border text-text-muted tabular flex flex-wrap items-center gap-x-3 gap-y-1 border-t pt-3 text-[0.8125rem]">
        <span className="text-text max-w-full truncate font-medium">{app.version}</span>
        <ByteSize bytes={app.size} />
        {app.downloads > 0 && (
          <span className="inline-flex items-center gap-1">
            <Download aria-hidden className="size-3.5" />
            <span aria-hidden>{format.number(app.downloads)}</span>
            <span className="sr-only">{t('card.downloads', { count: app.downloads })}</span>
          </span>
        )}
        <span className="ml-auto">
          <RelativeTime at={app.publishedAt} />
        </span>
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
