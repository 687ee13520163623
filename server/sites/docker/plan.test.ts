import { describe, expect, it } from 'vitest';
import { Problem } from '../../problem';
import type { KubeObject } from '../workloads';
import { planFor } from './plan';

const container = (more: object = {}) => ({ name: 'web', image: 'registry.test/web@sha256:1', ...more });
const deployment = (spec: object = {}, more: object = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    ...more,
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [container()], ...spec } },
  },
});
const service = (spec: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'front' },
  spec: { selector: { app: 'web' }, ...spec },
});
const refusal = (objects: KubeObject[]) => {
  try {
    planFor(objects);
  } catch (error) {
    return error instanceof Problem ? { key: error.key, params: error.params } : error;
  }
  return undefined;
};

describe('what a Docker host makes of manifests', () => {
  it('makes as many pods as are asked for, which services find by name', () => {
    const { pods } = planFor([
      deployment({}, { replicas: 2 }),
      service({ type: 'NodePort', ports: [{ port: 80, targetPort: 8080 }] }),
    ]);
    expect(pods.map(({ name, aliases }) => [name, aliases])).toEqual([
      ['web-0', ['web-0', 'front']],
      ['web-1', ['web-1', 'front']],
    ]);
    expect(pods[0]?.published).toEqual([{ name: 'front', protocol: 'tcp', port: 8080, hostPort: 0 }]);
  });

  it('publishes no port of a service that is for the app alone', () => {
    const { pods } = planFor([deployment(), service({ ports: [{ port: 80, targetPort: 8080 }] })]);
    expect(pods[0]?.published).toEqual([]);
  });

  it('gives variables and files out of config maps and secrets', () => {
    const { pods } = planFor([
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { mode: 'fast' } },
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'keys' },
        data: { token: Buffer.from('hidden').toString('base64') },
      },
      deployment({
        containers: [
          container({
            envFrom: [{ configMapRef: { name: 'settings' } }],
            env: [
              { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'keys', key: 'token' } } },
              { name: 'BOTH', value: '$(mode) $(TOKEN) $(other)' },
            ],
            volumeMounts: [{ name: 'files', mountPath: '/etc/app' }],
          }),
        ],
        volumes: [{ name: 'files', configMap: { name: 'settings' } }],
      }),
    ]);
    expect(pods[0]?.containers[0]?.env).toEqual(['mode=fast', 'TOKEN=hidden', 'BOTH=fast hidden $(other)']);
    expect(pods[0]?.files).toEqual([
      { volume: 'files', path: 'mode', contentBase64: Buffer.from('fast').toString('base64'), mode: 0o644 },
    ]);
  });

  it('takes limits, users and what the root may not do', () => {
    const { pods } = planFor([
      deployment({
        securityContext: { runAsUser: 1000 },
        containers: [
          container({
            resources: { limits: { memory: '64Mi', cpu: '250m' } },
            securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
          }),
        ],
      }),
    ]);
    expect(pods[0]?.containers[0]).toMatchObject({
      memory: 64 * 2 ** 20,
      nanoCpus: 250_000_000,
      user: '1000',
      readOnly: true,
      dropped: ['ALL'],
    });
  });

  it('honours probes that run in the container, and says of the others that nobody asks', () => {
    const probed = (readinessProbe: object) =>
      planFor([deployment({ containers: [container({ readinessProbe })] })]).pods[0]?.containers[0];
    expect(probed({ exec: { command: ['true'] }, periodSeconds: 2 })).toMatchObject({
      health: { command: ['CMD', 'true'], interval: 2e9 },
      unasked: false,
    });
    expect(probed({ httpGet: { path: '/', port: 80 } })).toMatchObject({ health: undefined, unasked: true });
  });

  it('is another plan when anything of a container is another', () => {
    const hashOf = (image: string) =>
      planFor([deployment({ containers: [container({ image })] })]).pods[0]?.hash;
    expect(hashOf('a@sha256:1')).toBe(hashOf('a@sha256:1'));
    expect(hashOf('a@sha256:1')).not.toBe(hashOf('a@sha256:2'));
  });

  it.each([
    ['hostNetwork', { hostNetwork: true }],
    ['hostPID', { hostPID: true }],
    ['serviceAccountName', { serviceAccountName: 'robot' }],
    [
      'web: securityContext.privileged',
      { containers: [container({ securityContext: { privileged: true } })] },
    ],
    [
      'web: securityContext.capabilities.add',
      { containers: [container({ securityContext: { capabilities: { add: ['NET_ADMIN'] } } })] },
    ],
    [
      'volumes.host.hostPath',
      {
        containers: [container({ volumeMounts: [{ name: 'host', mountPath: '/host' }] })],
        volumes: [{ name: 'host', hostPath: { path: '/' } }],
      },
    ],
  ])('refuses %s, and names it', (field, spec) => {
    expect(refusal([deployment(spec)])).toEqual({
      key: 'workloads.errors.fieldNotRun',
      params: { object: 'Deployment/web', field },
    });
  });

  it('refuses kinds that it cannot run, and texts in which nothing runs', () => {
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'reader' } };
    expect(refusal([deployment(), role])).toMatchObject({
      key: 'workloads.errors.kindNotRun',
      params: { object: 'Role/reader' },
    });
    expect(refusal([service({ ports: [{ port: 80 }] })])).toMatchObject({
      key: 'workloads.errors.nothingRuns',
    });
  });

  it('refuses what is not in the text, and a fixed port for several pods', () => {
    const wants = deployment({
      containers: [container({ envFrom: [{ secretRef: { name: 'elsewhere' } }] })],
    });
    expect(refusal([wants])).toMatchObject({
      key: 'workloads.errors.missingObject',
      params: { missing: 'Secret/elsewhere' },
    });
    const fixed = service({ type: 'NodePort', ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] });
    expect(refusal([deployment({}, { replicas: 2 }), fixed])).toMatchObject({
      key: 'workloads.errors.fixedPortOfMany',
      params: { port: '30080' },
    });
  });
});
