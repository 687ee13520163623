'use client';

import { Tag } from 'lucide-react';
import { useTranslations } from 'next-intl';
import type { ArtifactView, RegistryRole, RepositoryDetail } from '@/server/registries/schemas';
import { Badge } from '../ui/badge';
import { ByteSize } from '../ui/byte-size';
import { Card } from '../ui/card';
import { Digest } from '../ui/digest';
import { KeyValueList } from '../ui/key-value';
import { TextLink } from '../ui/link-button';
import { DateTime } from '../ui/relative-time';
import { ArtifactParts, platformName } from './artifact-parts';
import { RegistryProblem } from './registry-problem';
import { RemoveArtifact } from './remove-artifact';

const diskImage = 'application/vnd.edgeyard.disk.v1';

/** One manifest of a repository with all that is known of it. */
export function ArtifactCard({
  role,
  repository,
  artifact,
  canRemove,
}: {
  role: RegistryRole;
  repository: RepositoryDetail;
  artifact: ArtifactView;
  canRemove: boolean;
}) {
  const t = useTranslations('adminRegistries.artifact');
  return (
    <Card
      as="article"
      title={<Tags tags={artifact.tags} />}
      description={<Digest value={artifact.digest} label={t('digest')} />}
      actions={canRemove && <RemoveArtifact role={role} repository={repository} artifact={artifact} />}
    >
      <div className="flex flex-col gap-4">
        {artifact.problem ? (
          <RegistryProblem title={t('unreadable')} problem={artifact.problem} />
        ) : (
          <>
            <Facts artifact={artifact} />
            <ArtifactParts artifact={artifact} />
          </>
        )}
      </div>
    </Card>
  );
}

function Tags({ tags }: { tags: readonly string[] }) {
  const t = useTranslations('adminRegistries.artifact');
  if (tags.length === 0) return <span className="text-text-muted">{t('noTags')}</span>;
  return (
    <span className="flex flex-wrap items-center gap-2 leading-6">
      <Tag aria-hidden className="text-text-muted size-4 shrink-0" />
      {tags.map((tag) => (
        <Badge key={tag} tone="accent">
          <span className="font-mono break-all">{tag}</span>
        </Badge>
      ))}
    </span>
  );
}

function Facts({ artifact }: { artifact: ArtifactView }) {
  const t = useTranslations('adminRegistries.artifact');
  const type =
    artifact.artifactType === diskImage
      ? 'disk'
      : artifact.artifactType === undefined
        ? artifact.kind
        : 'artifact';
  return (
    <KeyValueList
      columns={2}
      items={[
        {
          label: t('type'),
          value: t(`types.${type}`),
          hint: <code className="text-xs break-all">{artifact.artifactType ?? artifact.mediaType}</code>,
        },
        { label: t('size'), value: <ByteSize bytes={artifact.size} /> },
        {
          label: t('platforms'),
          value:
            artifact.platforms.length === 0 ? undefined : artifact.platforms.map(platformName).join(', '),
        },
        {
          label: t('created'),
          value: artifact.created === undefined ? undefined : <DateTime at={artifact.created} />,
        },
        { label: t('usedBy'), value: <Uses uses={artifact.usedBy} /> },
      ]}
    />
  );
}

function Uses({ uses }: { uses: ArtifactView['usedBy'] }) {
  const t = useTranslations('adminRegistries.artifact');
  if (uses.length === 0) return t('unused');
  return (
    <ul>
      {uses.map(({ kind, id, name, href }) => {
        const words = t(`uses.${kind}`, { name });
        return (
          <li key={`${kind} ${id}`} className="break-words">
            {href === undefined ? words : <TextLink href={href}>{words}</TextLink>}
          </li>
        );
      })}
    </ul>
  );
}
