import type { BelongingsKeeper } from '../workbench/ports';
import type { ContainerImageRow, ContainerImageRows } from './image-rows';
import type { TestDeploymentsRoom } from './test-deployments';
import type { Texts } from './text/texts';
import type { Uploads } from './uploads';

interface Parts {
  images: ContainerImageRows;
  texts: Pick<Texts, 'forget'>;
  deployments: Pick<TestDeploymentsRoom, 'ofProject' | 'takeAway'>;
  uploads: Pick<Uploads, 'list' | 'discard'>;
  removeRow: (row: ContainerImageRow) => Promise<void>;
}

/** What goes when a project is deleted: what runs of it first, then its images. */
export function projectBelongings({
  images,
  texts,
  deployments,
  uploads,
  removeRow,
}: Parts): BelongingsKeeper {
  return {
    list: (projectId) => [
      ...deployments
        .ofProject(projectId)
        .map(({ id, name }) => ({ type: 'testDeployment' as const, id, name, size: undefined })),
      ...images.ofProject(projectId).map(({ id, name, tag, digest, size }) => ({
        type: 'containerImage' as const,
        id,
        name: tag === '' ? `${name}@${digest}` : `${name}:${tag}`,
        size,
      })),
    ],
    async remove({ type, id }, signal) {
      if (type === 'testDeployment') {
        await deployments.takeAway(id, signal);
        return;
      }
      const row = images.find(id);
      if (row) await removeRow(row);
    },
    async forget(projectId, signal) {
      for (const upload of uploads.list(projectId)) uploads.discard(upload.id);
      for (const { id } of deployments.ofProject(projectId)) await deployments.takeAway(id, signal);
      for (const row of images.ofProject(projectId)) await removeRow(row);
      texts.forget(projectId);
    },
  };
}
