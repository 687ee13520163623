'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'next-intl';
import type { ContainerImage, ContainerImageDetail, PlatformDetail } from '@/server/containers/schemas';
import { useTRPC } from '../api/trpc-provider';
import { ByteSize } from '../ui/byte-size';
import { CodeBlock, InlineCode } from '../ui/code-block';
import { Digest } from '../ui/digest';
import { Drawer } from '../ui/drawer';
import { KeyValueList } from '../ui/key-value';
import { DateTime } from '../ui/relative-time';
import { SkeletonRows } from '../ui/skeleton';
import { QueryView } from '../workbench/query-view';
import { SourceText } from './image-columns';
import { imageName, pullCommand } from './image-name';
import { UsesList } from './uses-list';

/** All of a container image: how to pull it, its platforms layer by layer, and what uses it. */
export function ImageDrawer({ image, onClose }: { image: ContainerImage | undefined; onClose: () => void }) {
  const t = useTranslations('containerPages.detail');
  const trpc = useTRPC();
  const query = useQuery(
    trpc.containers.get.queryOptions({ imageId: image?.id ?? '' }, { enabled: image !== undefined }),
  );
  return (
    <Drawer
      open={image !== undefined}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={t('title', { name: image === undefined ? '' : imageName(image) })}
      size="lg"
    >
      <QueryView query={query} pending={<SkeletonRows label={t('loading')} />}>
        {(detail) => <Detail detail={detail} />}
      </QueryView>
    </Drawer>
  );
}

function Detail({ detail }: { detail: ContainerImageDetail }) {
  const t = useTranslations('containerPages');
  return (
    <div className="flex flex-col gap-6">
      <section className="flex flex-col gap-2">
        <h3 className="font-medium">{t('detail.pullTitle')}</h3>
        <p className="text-text-muted text-sm">{t('detail.pullText')}</p>
        <CodeBlock text={pullCommand(detail.pullName)} label={t('detail.copyCommand')} wrap />
      </section>
      <KeyValueList
        items={[
          { label: t('images.digest'), value: <Digest value={detail.digest} /> },
          { label: t('images.size'), value: <ByteSize bytes={detail.size} exact /> },
          {
            label: t('detail.mediaType'),
            value: <span className="font-mono text-xs break-all">{detail.mediaType}</span>,
          },
          { label: t('images.source'), value: <SourceText source={detail.source} /> },
          { label: t('images.changed'), value: <DateTime at={detail.updatedAt} /> },
        ]}
      />
      <UsesList uses={detail.usedBy} />
      <section className="flex flex-col gap-3">
        <h3 className="font-medium">{t('detail.contents')}</h3>
        {detail.contents.map((content) => (
          <PlatformCard key={content.digest} content={content} open={detail.contents.length === 1} />
        ))}
      </section>
    </div>
  );
}

function PlatformCard({ content, open }: { content: PlatformDetail; open: boolean }) {
  const t = useTranslations('containerPages.detail');
  const words = (list: readonly string[]) =>
    list.length === 0 ? undefined : <InlineCode className="break-all">{list.join(' ')}</InlineCode>;
  return (
    <details open={open} className="border-border rounded-lg border">
      <summary className="flex cursor-pointer flex-wrap items-center justify-between gap-2 px-3 py-2">
        <span className="font-medium">{content.platform}</span>
        <span className="text-text-muted tabular text-sm">
          {t('layers', { count: content.layers.length })} · <ByteSize bytes={content.size} />
        </span>
      </summary>
      <div className="border-border flex flex-col gap-4 border-t p-3">
        <KeyValueList
          items={[
            { label: t('config'), value: <Digest value={content.configDigest} /> },
            {
              label: t('created'),
              value: content.created === null ? undefined : <DateTime at={content.created} />,
            },
            { label: t('user'), value: <InlineCode>{content.user || t('root')}</InlineCode> },
            { label: t('entrypoint'), value: words(content.entrypoint) },
            { label: t('command'), value: words(content.command) },
            { label: t('ports'), value: words(content.ports) },
          ]}
        />
        <ol className="divide-border border-border divide-y border-t text-sm">
          {content.layers.map((layer, index) => (
            // The same empty layer may stand in an image twice.
            <li key={`${index} ${layer.digest}`} className="flex items-center justify-between gap-3 py-1.5">
              <Digest value={layer.digest} label={t('layer')} />
              <ByteSize bytes={layer.size} />
            </li>
          ))}
        </ol>
      </div>
    </details>
  );
}
