/** Types of fields that clusters refuse an object for (Kubernetes 1.20, kubernetes.io/docs/reference/kubernetes-api). */
import { z } from 'zod';

const text = z.string();
const number = z.number().int();
const flag = z.boolean();
const nameOrNumber = z.union([number, text]);
const words = z.array(text);
const strings = z.record(z.string(), text);
const some = <Shape extends z.ZodRawShape>(shape: Shape) => z.object(shape).partial().loose().nullish();

const quantities = z.record(z.string(), z.union([text, z.number()])).nullish();
const probe = some({
  exec: some({ command: words }),
  httpGet: some({ path: text, port: nameOrNumber, scheme: z.enum(['HTTP', 'HTTPS']) }),
  tcpSocket: some({ port: nameOrNumber }),
  initialDelaySeconds: number,
  periodSeconds: number,
  timeoutSeconds: number,
  successThreshold: number,
  failureThreshold: number,
});
const port = number.min(1).max(65_535);
const container = z
  .object({
    image: text,
    imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']),
    command: words,
    args: words,
    workingDir: text,
    env: z.array(z.object({ name: text, value: text.optional(), valueFrom: z.looseObject({}).optional() })),
    ports: z.array(
      z
        .object({
          name: text.optional(),
          containerPort: port,
          hostPort: port.optional(),
          protocol: z.enum(['TCP', 'UDP', 'SCTP']).optional(),
        })
        .loose(),
    ),
    volumeMounts: z.array(
      z.object({ name: text, mountPath: text, subPath: text.optional(), readOnly: flag.optional() }).loose(),
    ),
    resources: some({ limits: quantities, requests: quantities }),
    securityContext: some({ privileged: flag, runAsUser: number, runAsGroup: number, runAsNonRoot: flag }),
    livenessProbe: probe,
    readinessProbe: probe,
    startupProbe: probe,
    tty: flag,
    stdin: flag,
  })
  .partial()
  .loose();

const pod = z
  .object({
    containers: z.array(container),
    initContainers: z.array(container),
    volumes: z.array(z.object({ name: text }).loose()),
    restartPolicy: z.enum(['Always', 'OnFailure', 'Never']),
    nodeSelector: strings,
    serviceAccountName: text,
    hostNetwork: flag,
    hostname: text,
    terminationGracePeriodSeconds: number,
    imagePullSecrets: z.array(some({ name: text })),
  })
  .partial()
  .loose();

const metadata = some({ labels: strings, annotations: strings });
const template = some({ metadata, spec: pod });
const controller = some({
  replicas: number.min(0),
  selector: some({ matchLabels: strings }),
  template,
  serviceName: text,
  backoffLimit: number,
  completions: number,
  parallelism: number,
  minReadySeconds: number,
  revisionHistoryLimit: number,
});

const byKind: Readonly<Record<string, z.ZodType>> = {
  Pod: z.looseObject({ metadata, spec: pod }),
  Deployment: z.looseObject({ metadata, spec: controller }),
  StatefulSet: z.looseObject({ metadata, spec: controller }),
  DaemonSet: z.looseObject({ metadata, spec: controller }),
  Job: z.looseObject({ metadata, spec: controller }),
  Service: z.looseObject({
    metadata,
    spec: some({
      type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName']),
      selector: strings,
      ports: z.array(
        z
          .object({
            name: text.optional(),
            port,
            targetPort: nameOrNumber.optional(),
            nodePort: port.optional(),
            protocol: z.enum(['TCP', 'UDP', 'SCTP']).optional(),
          })
          .loose(),
      ),
    }),
  }),
  ConfigMap: z.looseObject({ metadata, data: strings.nullish(), binaryData: strings.nullish() }),
  Secret: z.looseObject({
    metadata,
    data: strings.nullish(),
    stringData: strings.nullish(),
    type: text.optional(),
  }),
};

/** A field of another type than the cluster takes. */
export interface WrongField {
  path: (string | number)[];
  /** What is expected there, as the API's reference writes it: `integer`, `string`, `TCP | UDP | SCTP`, `≥ 1`. */
  expected: string;
}

/**
 * Looks for fields that a cluster would refuse; kinds and fields that are not known here are left to it.
 *
 * @param object with `kind`
 */
export function wrongFields(object: { kind: string }): WrongField[] {
  const found = byKind[object.kind]?.safeParse(object);
  if (!found || found.success) return [];
  return found.error.issues.map((issue) => ({
    path: issue.path.filter((part) => typeof part !== 'symbol'),
    expected: expectedOf(issue),
  }));
}

function expectedOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return (
        { number: 'integer', int: 'integer', record: 'object' }[issue.expected as string] ?? issue.expected
      );
    case 'invalid_value':
      return issue.values.join(' | ');
    case 'too_small':
      return `≥ ${String(issue.minimum)}`;
    case 'too_big':
      return `≤ ${String(issue.maximum)}`;
    case 'invalid_union':
      return 'integer | string';
    default:
      return issue.message;
  }
}
