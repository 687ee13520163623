'use client';

import { useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useFormatter, useTranslations } from 'next-intl';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { toast } from 'sonner';
import type { ArtifactView, RegistryRole, RepositoryDetail } from '@/server/registries/schemas';
import { problemOf } from '../api/problem-of';
import { useTRPC, useTRPCClient } from '../api/trpc-provider';
import { ConfirmDialog } from '../ui/confirm-dialog';
import { IconButton } from '../ui/icon-button';
import { registryHref } from './registry-paths';

/** How much of a digest tells one from another in a sentence. */
const shortDigest = 'sha256:'.length + 12;

/** Deletes an artifact that nothing uses; says what uses one that stays. */
export function RemoveArtifact({
  role,
  repository,
  artifact,
}: {
  role: RegistryRole;
  repository: RepositoryDetail;
  artifact: ArtifactView;
}) {
  const t = useTranslations('adminRegistries.artifact');
  const format = useFormatter();
  const [asking, setAsking] = useState(false);
  const users = artifact.usedBy.map(({ kind, name }) => t(`uses.${kind}`, { name }));
  const digest = artifact.digest.slice(0, shortDigest);
  return (
    <>
      <IconButton
        size="sm"
        variant="danger"
        label={t('removeNamed', { digest })}
        icon={<Trash2 />}
        {...(users.length > 0 && { disabledReason: t('inUse', { names: format.list(users) }) })}
        onClick={() => setAsking(true)}
      />
      {asking && (
        <AskToRemove
          role={role}
          repository={repository}
          artifact={artifact}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

function AskToRemove({
  role,
  repository,
  artifact,
  onClose,
}: {
  role: RegistryRole;
  repository: RepositoryDetail;
  artifact: ArtifactView;
  onClose: () => void;
}) {
  const t = useTranslations('adminRegistries.artifact');
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const router = useRouter();
  const last = repository.artifacts.length === 1;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={t('removeTitle', { repository: repository.title })}
      losses={[
        ...artifact.tags.map((tag) => t('lossTag', { tag })),
        t('lossDigest', { digest: artifact.digest.slice(0, shortDigest) }),
      ]}
      confirmLabel={t('remove')}
      problemOf={problemOf}
      onConfirm={async () => {
        await client.registries.browse.remove.mutate({
          role,
          repository: repository.name,
          digest: artifact.digest,
        });
        toast.success(t('removed', { repository: repository.title }));
        // An empty repository has no page any more.
        if (last) router.replace(registryHref(role));
        else await queries.invalidateQueries(trpc.registries.browse.pathFilter());
      }}
    >
      <p>{t('removeText')}</p>
    </ConfirmDialog>
  );
}
