'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { Download, EyeOff } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useRouter, useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { toast } from 'sonner';
import type { AppDetail } from '@/server/store/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC } from '../api/trpc-provider';
import { Button } from '../ui/button';
import { ByteSize } from '../ui/byte-size';
import { Card } from '../ui/card';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { KeyValueList } from '../ui/key-value';
import { LinkButton } from '../ui/link-button';
import { Markdown } from '../ui/markdown';
import { DateTime } from '../ui/relative-time';
import { AppGone } from './app-gone';
import { AppHero } from './app-hero';
import { AppVersions } from './app-versions';
import { ReleaseFiles } from './release-files';
import { ReleaseGet } from './release-get';
import { ReleaseImages } from './release-images';
import { ReleaseObserved } from './release-observed';
import { useStoreWords } from './store-words';

export type ReleaseView = AppDetail['history'][number];

/**
 * An app of the store with its releases.
 *
 * @param props `initial`: what the server found when it was asked for the page
 */
export function AppPage({ initial }: { initial: AppDetail }) {
  const trpc = useTRPC();
  const { data, error } = useQuery(trpc.store.app.queryOptions({ id: initial.id }, { initialData: initial }));
  // A version has an address: what is sent to somebody else shows the same.
  const version = useSearchParams().get('version') ?? data.version;
  // Taken down while it is on screen: the notice of the change brought the refusal.
  if (error && problemOf(error).code === 'gone') return <AppGone name={initial.name} />;
  const release = data.history.find((each) => each.version === version) ?? data.history[0];
  if (release === undefined) return <AppGone name={data.name} />;
  return <Loaded app={data} release={release} onVersion={showVersion} />;
}

/** Next keeps useSearchParams in step with the history; no request to the server is needed. */
function showVersion(version: string): void {
  window.history.replaceState(null, '', `?${new URLSearchParams({ version }).toString()}`);
  window.scrollTo({ top: 0 });
}

function Loaded({
  app,
  release,
  onVersion,
}: {
  app: AppDetail;
  release: ReleaseView;
  onVersion: (version: string) => void;
}) {
  const t = useTranslations('store');
  return (
    <>
      <AppHero
        app={app}
        actions={
          <>
            {app.mayUnpublish && <TakeDown app={app} release={release} />}
            <LinkButton
              variant="primary"
              size="lg"
              icon={<Download />}
              href={release.contentUrl}
              download={release.fileName}
            >
              {t('app.download', { version: release.version })}
            </LinkButton>
          </>
        }
      />
      <div className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_20rem] xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="flex min-w-0 flex-col gap-6">
          <Card title={t('app.about')}>
            {app.readme.trim() === '' ? (
              <p className="text-text-muted">{t('app.noReadme')}</p>
            ) : (
              <Markdown text={app.readme} headingOffset={2} />
            )}
          </Card>
          {app.kind === 'vm' && <ReleaseObserved release={release} />}
          {release.locations.length > 0 && <ReleaseImages release={release} kind={app.kind} />}
          <ReleaseFiles releaseId={release.id} />
        </div>
        <aside className="flex min-w-0 flex-col gap-6">
          <ReleaseGet release={release} />
          <Facts app={app} release={release} />
          <AppVersions history={app.history} shown={release.id} onShow={onVersion} />
        </aside>
      </div>
    </>
  );
}

function Facts({ app, release }: { app: AppDetail; release: ReleaseView }) {
  const t = useTranslations('store');
  const words = useStoreWords();
  return (
    <Card title={t('app.facts')}>
      <KeyValueList
        items={[
          { label: t('app.provider'), value: app.provider || null },
          { label: t('app.publisher'), value: release.publishedBy },
          { label: t('app.version'), value: release.version },
          { label: t('app.published'), value: <DateTime at={release.publishedAt} /> },
          { label: t('app.size'), value: <ByteSize bytes={release.size} exact /> },
          { label: t('app.kind'), value: t(`kinds.${app.kind}`) },
          { label: t('app.type'), value: words.type(app.type) },
          { label: t('app.industry'), value: words.industry(app.industry) },
          { label: t('app.architecture'), value: app.architecture },
          { label: t('app.downloads'), value: app.downloads },
        ]}
      />
    </Card>
  );
}

function TakeDown({ app, release }: { app: AppDetail; release: ReleaseView }) {
  const t = useTranslations('store.app');
  const trpc = useTRPC();
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const removing = useMutation(trpc.store.unpublish.mutationOptions());
  return (
    <>
      <Button variant="ghost" icon={<EyeOff />} onClick={() => setOpen(true)}>
        {t('unpublish')}
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={t('unpublishTitle', { name: app.name, version: release.version })}
        losses={[t('unpublishLoss', { version: release.version })]}
        confirmLabel={t('unpublish')}
        problemOf={problemOf}
        onConfirm={async () => {
          await removing.mutateAsync({ id: release.id });
          toast.success(t('unpublished', { version: release.version }));
          if (app.history.length === 1) router.push('/store');
        }}
      >
        {t('unpublishText')}
      </ConfirmDialog>
    </>
  );
}
