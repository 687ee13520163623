import type { ContainerImageRow } from './image-rows';
import type { ContainerPorts } from './ports';
import type { ContainerUse } from './schemas';
import type { TestDeploymentsRoom } from './test-deployments';
import type { Texts } from './text/texts';

interface Parts {
  ports: ContainerPorts;
  texts: Pick<Texts, 'names'>;
  deployments: Pick<TestDeploymentsRoom, 'running'>;
}

/** What an image cannot be removed for: the text that names it, what runs of it, and what other rooms keep. */
export function usesOfImage({ ports, texts, deployments }: Parts, row: ContainerImageRow): ContainerUse[] {
  const project = `/projects/${row.projectId}`;
  const named: ContainerUse[] = texts.names(row)
    ? [{ kind: 'deploymentText', id: row.projectId, name: 'manifests.yaml', href: project }]
    : [];
  const running = deployments
    .running(row)
    .map(({ id, name }): ContainerUse => ({ kind: 'testDeployment', id, name, href: project }));
  const others = ports
    .usesOf(row.digest)
    .flatMap(({ kind, id, name, href }): ContainerUse[] =>
      kind === 'image' || kind === 'containerImage' ? [] : [{ kind, id, name, href: href ?? null }],
    );
  return [...named, ...running, ...others];
}
