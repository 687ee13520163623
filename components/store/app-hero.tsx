'use client';

import { BadgeCheck } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import type { AppDetail } from '@/server/store/schemas';
import { Badge } from '../ui/badge';
import { CopyButton } from '../ui/copy-button';
import { TextLink } from '../ui/link-button';
import { Thumbnail } from '../ui/thumbnail';
import { useStoreWords } from './store-words';
import { useOrigin } from './use-origin';

/** The head of an app's page: its picture, name and maker, and the way to get it. */
export function AppHero({ app, actions }: { app: AppDetail; actions: ReactNode }) {
  const t = useTranslations('store');
  const words = useStoreWords();
  const origin = useOrigin();
  return (
    <header className="mb-6 flex flex-col gap-4">
      <p className="text-[0.8125rem]">
        <TextLink href="/store">{t('gone.back')}</TextLink>
      </p>
      <div className="flex flex-wrap items-start justify-between gap-x-8 gap-y-5">
        <div className="flex min-w-0 flex-1 basis-80 gap-4 sm:gap-6">
          <div className="w-16 shrink-0 sm:w-28">
            <Thumbnail src={app.iconUrl} alt="" seed={app.name} ratio="square" />
          </div>
          <div className="flex min-w-0 flex-col gap-2">
            <div>
              <h1
                tabIndex={-1}
                className="text-2xl leading-tight font-semibold tracking-tight [overflow-wrap:anywhere] outline-none sm:text-[1.75rem]"
              >
                {app.name}
              </h1>
              <p className="text-text-muted mt-1 text-[0.9375rem]">
                {t('card.by', { provider: app.provider })}
              </p>
            </div>
            <div className="flex flex-wrap items-center gap-1.5">
              {app.bootProven && (
                <Badge tone="success" icon={<BadgeCheck />} title={t('card.bootProvenText')}>
                  {t('card.bootProven')}
                </Badge>
              )}
              <Badge>{t(`kinds.${app.kind}`)}</Badge>
              <Badge>{words.type(app.type)}</Badge>
              <Badge>{words.industry(app.industry)}</Badge>
              <Badge>{app.architecture}</Badge>
            </div>
          </div>
        </div>
        <div className="flex flex-wrap items-center gap-2 max-sm:w-full">
          <CopyButton text={`${origin}/store/apps/${app.id}`} label={t('app.copyLink')} size="md" />
          {actions}
        </div>
      </div>
      {app.description !== '' && (
        <p className="text-text-muted max-w-3xl text-[0.9375rem] text-pretty [overflow-wrap:anywhere]">
          {app.description}
        </p>
      )}
    </header>
  );
}
