import { z } from '@hono/zod-openapi';
import type { AppInstance } from '../../operations/deployments/app-instances';
import type { Deployment, DeploymentState } from '../../operations/deployments/schemas';
import type { Capacity } from '../../operations/edges/schemas';
import type { SyncedRelease } from '../../operations/sync/schemas';

/** Shapes of EdgeGallery's appo, version 1, as its pages read them. */
const wish = {
  appId: z.string().max(64).optional(),
  appPackageId: z.string().min(1).max(64),
  appName: z.string().min(1).max(128),
  appInstanceDescription: z.string().max(256).default(''),
  /** What hardware it wants; hosts are chosen by whoever asks. */
  hwCapabilities: z.array(z.string().max(128)).max(100).nullish(),
};

export const appoCreate = z
  .looseObject({ ...wish, mecHost: z.string().min(1).max(300) })
  .openapi('MecInstanceCreate');

export const appoBatchCreate = z
  .looseObject({ ...wish, mecHost: z.array(z.string().min(1).max(300)).min(1).max(200) })
  .openapi('MecInstanceBatchCreate');

const parameters = z.record(z.string(), z.string().max(10_000));

export const appoInstantiate = z.looseObject({ parameters: parameters.optional() });

/** Version 1.1 sends ids alone, 1.5 parameters with each. */
export const appoBatchInstantiate = z.looseObject({
  instantiationParameters: z
    .array(z.looseObject({ appInstanceId: z.string().max(64), parameters: parameters.nullish() }))
    .max(200)
    .optional(),
  appInstanceIds: z.array(z.string().max(64)).max(200).optional(),
});

export const appoBatchTerminate = z.looseObject({
  appInstanceIds: z.array(z.string().max(64)).min(1).max(200),
});

export const appoCreated = z.object({ app_instance_id: z.string() }).openapi('MecInstanceCreated');

export const appoBatch = z
  .object({ applicationInstanceId: z.string(), host: z.string(), status: z.string() })
  .openapi('MecInstanceBatch');

export const appoInfo = z
  .object({
    appInstanceId: z.string(),
    appPackageId: z.string(),
    appName: z.string(),
    appId: z.string(),
    appDescriptor: z.string(),
    mecHost: z.string(),
    /** Up to version 1.2, and from 1.3 on: who manages the host's apps. Here that is the same place. */
    applcmHost: z.string(),
    mepmHost: z.string(),
    operationalStatus: z.string(),
    operationInfo: z.string(),
  })
  .openapi('MecInstance');

/** EdgeGallery's pages know `Created` (still busy) and `Instantiated`; whatever else they show as an error. */
const statusOf: Record<DeploymentState, string> = {
  creating: 'Created',
  changing: 'Instantiated',
  ready: 'Instantiated',
  notReady: 'Instantiated',
  failed: 'Instantiate failed',
  deleting: 'Terminating',
  gone: 'Instantiate failed',
};

/** @param failure why it could not be instantiated, in words */
export function appoInfoOf(
  { id, name, description, deployment }: AppInstance,
  release: SyncedRelease,
  host: string,
  failure: string | null,
): z.infer<typeof appoInfo> {
  return {
    appInstanceId: id,
    appPackageId: release.releaseId,
    appName: name,
    appId: release.appId,
    appDescriptor: description,
    mecHost: host,
    applcmHost: host,
    mepmHost: host,
    operationalStatus: deployment
      ? statusOf[deployment.state]
      : failure === null
        ? 'Created'
        : 'Instantiate failed',
    operationInfo: deployment?.reason || failure || 'success',
  };
}

/** What EdgeGallery's pages show of an instance: pods with their containers, or VMs. */
export function appoWorkloadOf({ runs, parts, resources }: Deployment) {
  if (runs === 'stack') {
    return {
      data: resources
        .filter(({ type }) => type === 'VM' || type === 'OS::Nova::Server')
        .map(({ name, status, id }) => ({ vmId: id, vmName: name, status })),
    };
  }
  // Nobody measures what a container uses here; the pages divide only numbers.
  const metricsusage = { cpuusage: '', memusage: '', diskusage: '' };
  return {
    pods: parts.map(({ name, state, containers }) => ({
      podname: name,
      podstatus: state === 'ready' ? 'Running' : state,
      containers: containers.map((container) => ({ containername: container.name, metricsusage })),
    })),
  };
}

/** What the pages draw rings of: cores, bytes of memory, bytes of disk; zeros where the host does not tell. */
export function appoKpiOf(capacity: Capacity | null) {
  const usage = (amount: { total: number; used: number | null } | null | undefined, unit: number) => ({
    total: String(Math.max(0, amount?.total ?? 0) * unit),
    used: String((amount?.used ?? 0) * unit),
  });
  return {
    cpuusage: usage(capacity?.cpus, 1),
    memusage: usage(capacity?.memoryMiB, 2 ** 20),
    diskusage: usage(capacity?.diskGiB, 2 ** 30),
  };
}
