'use client';

import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import type { ArtifactView } from '@/server/registries/schemas';
import { ByteSize } from '../ui/byte-size';
import { CodeBlock } from '../ui/code-block';
import { DataTable } from '../ui/data-table';
import type { DataColumn } from '../ui/data-table-model';
import { Digest } from '../ui/digest';

/** A disk image has hundreds of layers. */
const rowsAPage = 20;

type Platform = ArtifactView['platforms'][number];
type Layer = ArtifactView['layers'][number] & { number: number };
type Member = ArtifactView['manifests'][number];

/** A platform as the tools write it: `linux/arm/v7`. */
export function platformName({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant].filter((part) => part !== undefined && part !== '').join('/');
}

/** What an artifact is made of: layers, or for several platforms their manifests; and how to get it. */
export function ArtifactParts({ artifact }: { artifact: ArtifactView }) {
  return (
    <div className="flex flex-col gap-2">
      {artifact.layers.length > 0 && <Layers artifact={artifact} />}
      {artifact.manifests.length > 0 && <Manifests artifact={artifact} />}
      <Pull artifact={artifact} />
    </div>
  );
}

function Layers({ artifact }: { artifact: ArtifactView }) {
  const t = useTranslations('adminRegistries.artifact');
  const columns = useLayerColumns();
  const title = t('layers', { count: artifact.layers.length });
  return (
    <Part title={title}>
      <DataTable
        dense
        label={title}
        rows={artifact.layers.map((layer, index) => ({ ...layer, number: index + 1 }))}
        rowId={({ number }) => String(number)}
        pageSize={rowsAPage}
        columns={columns}
      />
    </Part>
  );
}

function Manifests({ artifact }: { artifact: ArtifactView }) {
  const t = useTranslations('adminRegistries.artifact');
  const columns = useMemberColumns();
  const title = t('manifests', { count: artifact.manifests.length });
  return (
    <Part title={title}>
      <DataTable
        dense
        label={title}
        rows={artifact.manifests}
        rowId={({ digest }) => digest}
        pageSize={rowsAPage}
        columns={columns}
      />
    </Part>
  );
}

function useLayerColumns(): DataColumn<Layer>[] {
  const t = useTranslations('adminRegistries.artifact');
  const shared = useBlobColumns<Layer>();
  return [
    { id: 'number', header: t('layer'), cell: ({ number }) => <span className="tabular">{number}</span> },
    ...shared,
  ];
}

function useMemberColumns(): DataColumn<Member>[] {
  const t = useTranslations('adminRegistries.artifact');
  const shared = useBlobColumns<Member>();
  return [
    {
      id: 'platform',
      header: t('platform'),
      cell: ({ platform }) => (platform ? platformName(platform) : '–'),
    },
    ...shared,
  ];
}

function useBlobColumns<Blob extends Pick<Layer, 'digest' | 'size' | 'mediaType'>>(): DataColumn<Blob>[] {
  const t = useTranslations('adminRegistries.artifact');
  return [
    { id: 'digest', header: t('digest'), cell: ({ digest }) => <Digest value={digest} /> },
    {
      id: 'size',
      header: t('size'),
      align: 'end',
      cell: ({ size }) => <ByteSize bytes={size} />,
      sort: ({ size }) => size,
    },
    {
      id: 'mediaType',
      header: t('mediaType'),
      cell: ({ mediaType }) => <code className="text-xs break-all">{mediaType}</code>,
    },
  ];
}

/** Folded together until somebody wants to know. */
function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <details>
      <summary className="w-fit cursor-pointer py-1 text-sm font-medium">{title}</summary>
      <div className="mt-2 flex flex-col gap-3">{children}</div>
    </details>
  );
}

function Pull({ artifact }: { artifact: ArtifactView }) {
  const t = useTranslations('adminRegistries.artifact');
  return (
    <Part title={t('pull')}>
      {/* Docker runs containers: it knows nothing of disks and other artifacts. */}
      {artifact.artifactType === undefined && (
        <CodeBlock label={t('docker')} text={artifact.pull.docker} wrap />
      )}
      <CodeBlock label={t('skopeo')} text={artifact.pull.skopeo} wrap />
      <p className="text-text-muted text-sm">{t('pullHint')}</p>
    </Part>
  );
}
