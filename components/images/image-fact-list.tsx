'use client';

import { useTranslations } from 'next-intl';
import type { DiskImage, ImageSource } from '@/server/images/schemas';
import { useTextOf } from '../i18n/use-text-of';
import { useByteSize } from '../ui/byte-size';
import { CopyButton } from '../ui/copy-button';
import { Digest } from '../ui/digest';
import { KeyValueList } from '../ui/key-value';
import { TextLink } from '../ui/link-button';
import { DateTime } from '../ui/relative-time';

/** What is known of an image; figures stand only once they are proved. */
export function ImageFactList({ image }: { image: DiskImage }) {
  const t = useTranslations('images');
  const size = useByteSize();
  const ready = image.state === 'ready';
  const shrunk = image.sizeBefore !== null && image.sizeBefore > image.size;
  return (
    <KeyValueList
      columns={2}
      items={[
        { label: t('detail.system'), value: image.os },
        { label: t('detail.login'), value: image.login },
        { label: t('detail.cloudInit'), value: image.cloudInit ? t('detail.yes') : t('detail.no') },
        { label: t('detail.architecture'), value: image.architecture },
        { label: t('detail.format'), value: image.format },
        {
          label: t('detail.size'),
          value: ready ? size(image.size) : undefined,
          ...(ready &&
            shrunk && { hint: t('detail.sizeBefore', { size: size(image.sizeBefore ?? image.size) }) }),
        },
        { label: t('detail.virtualSize'), value: ready ? size(image.virtualSize) : undefined },
        { label: t('detail.minMemory'), value: t('detail.mebibytes', { value: image.minMemoryMiB }) },
        { label: t('detail.minDisk'), value: t('detail.gibibytes', { value: image.minDiskGiB }) },
        {
          label: t('detail.digest'),
          value: image.digest && <Digest value={image.digest} length={16} label={t('detail.digest')} />,
        },
        {
          label: t('detail.md5'),
          value: image.md5 && (
            <span className="inline-flex items-center gap-1 font-mono text-sm break-all">
              {image.md5}
              <CopyButton text={image.md5} label={t('detail.md5')} size="sm" />
            </span>
          ),
        },
        { label: t('detail.origin'), value: <Origin source={image.source} /> },
        { label: t('detail.visibility'), value: t(`visibility.${image.visibility}`) },
        {
          label: t('detail.owner'),
          value: image.ownerName,
        },
        { label: t('detail.created'), value: <DateTime at={image.createdAt} /> },
      ]}
    />
  );
}

function Origin({ source }: { source: ImageSource }) {
  const t = useTranslations('images');
  const itemText = useTextOf('images.capture.item');
  switch (source.kind) {
    case 'built-in':
      return t('sourceText.built-in');
    case 'upload':
      return (
        <span className="flex flex-col gap-1">
          <span className="break-words">
            {t('sourceText.upload', { fileName: source.fileName, format: source.format })}
          </span>
          {source.sha256 !== undefined && (
            <Digest value={`sha256:${source.sha256}`} length={16} label={t('detail.uploadedDigest')} />
          )}
        </span>
      );
    case 'url':
      return <span className="break-all">{t('sourceText.url', { url: source.url })}</span>;
    case 'capture':
      return (
        <span className="flex flex-col gap-1">
          <TextLink href={`/projects/${source.projectId}/vms/${source.vmId}`}>
            {t('sourceText.capture', { vm: source.vmName, project: source.projectName })}
          </TextLink>
          {source.cleaned.length > 0 && (
            <span className="text-text-muted text-sm">
              {t('detail.cleaned', {
                items: source.cleaned.map((item) => itemText(item) ?? item).join(', '),
              })}
            </span>
          )}
        </span>
      );
    case 'registry':
      return (
        <span className="break-all">
          {t('sourceText.registry', { address: source.address, repository: source.repository })}
        </span>
      );
  }
}
