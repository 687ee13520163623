/** The part of Kubernetes' objects that a Docker host runs, as far as it is read. */
import { z } from 'zod';
import { Problem } from '../../problem';
import type { KubeObject } from '../workloads';

const number = z.number();
const port = z.union([number, z.string()]);
const keyRef = z.object({ name: z.string(), key: z.string(), optional: z.boolean().optional() });
const listRef = z.object({ name: z.string(), optional: z.boolean().optional() });

const env = z.object({
  name: z.string(),
  value: z.coerce.string().optional(),
  valueFrom: z
    .object({
      configMapKeyRef: keyRef.optional(),
      secretKeyRef: keyRef.optional(),
      fieldRef: z.object({ fieldPath: z.string() }).optional(),
    })
    .loose()
    .optional(),
});

const probe = z
  .object({
    exec: z.object({ command: z.array(z.string()) }).optional(),
    initialDelaySeconds: number.optional(),
    periodSeconds: number.optional(),
    timeoutSeconds: number.optional(),
    failureThreshold: number.optional(),
  })
  .loose();

const securityContext = z
  .object({
    privileged: z.boolean().optional(),
    runAsUser: number.optional(),
    runAsGroup: number.optional(),
    readOnlyRootFilesystem: z.boolean().optional(),
    capabilities: z
      .object({ add: z.array(z.string()).optional(), drop: z.array(z.string()).optional() })
      .optional(),
  })
  .loose();

const container = z.object({
  name: z.string(),
  image: z.string(),
  command: z.array(z.string()).optional(),
  args: z.array(z.coerce.string()).optional(),
  workingDir: z.string().optional(),
  env: z.array(env).optional(),
  envFrom: z
    .array(
      z.object({
        prefix: z.string().optional(),
        configMapRef: listRef.optional(),
        secretRef: listRef.optional(),
      }),
    )
    .optional(),
  ports: z
    .array(
      z.object({
        name: z.string().optional(),
        containerPort: number,
        hostPort: number.optional(),
        protocol: z.enum(['TCP', 'UDP', 'SCTP']).optional(),
      }),
    )
    .optional(),
  volumeMounts: z
    .array(
      z.object({
        name: z.string(),
        mountPath: z.string(),
        subPath: z.string().optional(),
        readOnly: z.boolean().optional(),
      }),
    )
    .optional(),
  resources: z
    .object({ limits: z.record(z.string(), z.union([z.string(), number])).optional() })
    .loose()
    .optional(),
  securityContext: securityContext.optional(),
  livenessProbe: probe.optional(),
  readinessProbe: probe.optional(),
  tty: z.boolean().optional(),
  stdin: z.boolean().optional(),
});
export type PodContainer = z.infer<typeof container>;

const items = z.array(z.object({ key: z.string(), path: z.string(), mode: number.optional() }));
const volume = z
  .object({
    name: z.string(),
    emptyDir: z.object({ medium: z.string().optional() }).loose().nullish(),
    configMap: z
      .object({ name: z.string(), items: items.optional(), optional: z.boolean().optional() })
      .loose()
      .optional(),
    secret: z
      .object({ secretName: z.string(), items: items.optional(), optional: z.boolean().optional() })
      .loose()
      .optional(),
    persistentVolumeClaim: z.object({ claimName: z.string() }).loose().optional(),
  })
  .loose();
export type PodVolume = z.infer<typeof volume>;

export const podSpec = z
  .object({
    containers: z.array(container).min(1),
    initContainers: z.array(container).optional(),
    volumes: z.array(volume).optional(),
    restartPolicy: z.enum(['Always', 'OnFailure', 'Never']).optional(),
    hostNetwork: z.boolean().optional(),
    hostPID: z.boolean().optional(),
    hostIPC: z.boolean().optional(),
    hostname: z.string().optional(),
    terminationGracePeriodSeconds: number.optional(),
    serviceAccountName: z.string().optional(),
    securityContext: securityContext.optional(),
  })
  .loose();
export type PodSpec = z.infer<typeof podSpec>;

const template = z.object({
  metadata: z
    .object({ labels: z.record(z.string(), z.string()).optional() })
    .loose()
    .optional(),
  spec: podSpec,
});
/** Deployments, stateful and daemon sets, jobs. */
export const controllerSpec = z
  .object({
    replicas: number.int().min(0).optional(),
    completions: number.optional(),
    backoffLimit: number.optional(),
    volumeClaimTemplates: z
      .array(z.object({ metadata: z.object({ name: z.string() }).loose() }).loose())
      .optional(),
    template,
  })
  .loose();

export const serviceSpec = z
  .object({
    type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName']).optional(),
    selector: z.record(z.string(), z.string()).optional(),
    ports: z
      .array(
        z.object({
          name: z.string().optional(),
          port: number,
          targetPort: port.optional(),
          nodePort: number.optional(),
          protocol: z.enum(['TCP', 'UDP', 'SCTP']).optional(),
        }),
      )
      .optional(),
  })
  .loose();
export type ServiceSpec = z.infer<typeof serviceSpec>;

/** An object's name as `kubectl` writes it, `Deployment/web`. */
export function nameOf({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.name}`;
}

/** @throws Problem `invalid` that names the object, the field and the rule */
export function read<T>(schema: z.ZodType<T>, value: unknown, object: KubeObject): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const params = { object: nameOf(object), field: issue?.path.join('.') ?? '' };
  throw new Problem('invalid', 'workloads.errors.badField', params, { detail: issue?.message });
}
