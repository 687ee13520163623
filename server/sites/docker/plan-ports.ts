/** Services of a deployment, as a Docker host has them: names within its network, and published ports. */
import { Problem } from '../../problem';
import type { KubeObject } from '../workloads';
import { nameOf, read, serviceSpec, type PodSpec, type ServiceSpec } from './pod-spec';

export interface ServicePlan {
  name: string;
  spec: ServiceSpec;
  selects: (labels: Record<string, string>) => boolean;
}

/** A port of a pod that is reached at the host's; 0 lets the engine choose. */
export interface Published {
  /** The service it is published for, or the container's port. */
  name: string;
  protocol: 'tcp' | 'udp';
  port: number;
  hostPort: number;
}

/** @throws Problem `invalid` for a service that is a name of something elsewhere */
export function serviceOf(object: KubeObject): ServicePlan {
  const spec = read(serviceSpec, object.spec, object);
  if (spec.type === 'ExternalName') {
    throw new Problem('invalid', 'workloads.errors.fieldNotRun', {
      object: nameOf(object),
      field: 'type: ExternalName',
    });
  }
  const wanted = Object.entries(spec.selector ?? {});
  return {
    name: object.metadata.name,
    spec,
    selects: (labels) => wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value),
  };
}

/**
 * What of a pod is published: ports of NodePort and LoadBalancer services, and host ports.
 *
 * @param index which of its owner's pods it is; a fixed port can be given to the first one only
 * @throws Problem `invalid` for a fixed port of several pods, or a port by a name that no container has
 */
export function publishedPorts(
  object: KubeObject,
  spec: PodSpec,
  services: readonly ServicePlan[],
  index: number,
): Published[] {
  const ofServices = services.flatMap(({ name, spec: service }) => {
    if (service.type !== 'NodePort' && service.type !== 'LoadBalancer') return [];
    return (service.ports ?? []).map((port): Published => {
      const fixed = service.type === 'LoadBalancer' ? port.port : (port.nodePort ?? 0);
      return {
        name: port.name === undefined ? name : `${name}/${port.name}`,
        protocol: protocolOf(port.protocol, object),
        port: targetOf(port.targetPort ?? port.port, spec, object),
        hostPort: fixed,
      };
    });
  });
  const ofHost = spec.containers.flatMap((container) =>
    (container.ports ?? [])
      .filter(({ hostPort }) => hostPort !== undefined)
      .map((port): Published => ({
        name: port.name ?? container.name,
        protocol: protocolOf(port.protocol, object),
        port: port.containerPort,
        hostPort: port.hostPort ?? 0,
      })),
  );
  const all = [...ofServices, ...ofHost];
  const fixed = all.find(({ hostPort }) => hostPort !== 0);
  if (index > 0 && fixed) {
    throw new Problem('invalid', 'workloads.errors.fixedPortOfMany', {
      object: nameOf(object),
      port: String(fixed.hostPort),
    });
  }
  return all;
}

function targetOf(target: number | string, spec: PodSpec, object: KubeObject): number {
  if (typeof target === 'number') return target;
  const found = spec.containers.flatMap(({ ports = [] }) => ports).find(({ name }) => name === target);
  if (found) return found.containerPort;
  throw new Problem('invalid', 'workloads.errors.missingObject', {
    object: nameOf(object),
    missing: `port ${target}`,
  });
}

function protocolOf(protocol: 'TCP' | 'UDP' | 'SCTP' | undefined, object: KubeObject): 'tcp' | 'udp' {
  if (protocol === 'SCTP') {
    throw new Problem('invalid', 'workloads.errors.fieldNotRun', { object: nameOf(object), field: 'SCTP' });
  }
  return protocol === 'UDP' ? 'udp' : 'tcp';
}
