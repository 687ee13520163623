'use client';

import { useTranslations } from 'next-intl';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { ByteSize } from '../ui/byte-size';
import { Card } from '../ui/card';
import { Markdown } from '../ui/markdown';
import { RelativeTime } from '../ui/relative-time';
import type { ReleaseView } from './app-page';

/** Every version on the shelf with its release notes, newest first. */
export function AppVersions({
  history,
  shown,
  onShow,
}: {
  history: readonly ReleaseView[];
  shown: string;
  onShow: (version: string) => void;
}) {
  const t = useTranslations('store');
  return (
    <Card title={t('app.versions')}>
      <ol className="divide-border flex flex-col divide-y">
        {history.map((release) => (
          <li key={release.id} className="flex flex-col gap-2 py-4 first:pt-0 last:pb-0">
            <div className="flex flex-wrap items-center justify-between gap-2">
              <h3 className="tabular font-semibold">{release.version}</h3>
              {release.id === shown ? (
                <Badge tone="accent">{t('app.current')}</Badge>
              ) : (
                <Button
                  size="sm"
                  aria-label={t('app.showVersion', { version: release.version })}
                  onClick={() => onShow(release.version)}
                >
                  {t('app.showVersion', { version: release.version })}
                </Button>
              )}
            </div>
            <p className="text-text-muted tabular flex flex-wrap gap-x-3 text-[0.8125rem]">
              <RelativeTime at={release.publishedAt} />
              <ByteSize bytes={release.size} />
              <span>{t('card.downloads', { count: release.downloads })}</span>
            </p>
            {release.notes === '' ? (
              <p className="text-text-muted text-sm">{t('app.noNotes')}</p>
            ) : (
              <Markdown text={release.notes} headingOffset={3} />
            )}
          </li>
        ))}
      </ol>
    </Card>
  );
}
