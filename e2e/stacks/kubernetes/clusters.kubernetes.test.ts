/** That the tests' clusters are what other tests take them for. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testCa } from '../certificates';
import { startRegistry, type TestRegistry } from '../registry';
import { pushImage, testImage } from '../test-image';
import { startTokenServer, type TokenServer } from '../token-server';
import { type ClusterName, kubeconfigFileOf, letNodesPull, startCluster, stopPart } from './clusters';

const host = '10.89.0.1';
const namespace = `stack-test-${String(process.pid)}`;
const patience = { timeout: 60_000, interval: 500 };
const ca = testCa();
let tokens: TokenServer;
let registry: TestRegistry;

beforeAll(async () => {
  tokens = await startTokenServer({ host, users: { puller: { password: 'pull-only', pullOnly: true } } });
  registry = await startRegistry({ host, tls: ca });
  await letNodesPull(registry.address, ca.certificate);
  await kubectl('edge1', 'create', 'namespace', namespace);
});

afterAll(async () => {
  await kubectl('edge1', 'delete', 'namespace', namespace, '--wait=false');
  await registry.stop();
  await tokens.stop();
});

test('two nodes pull an image over TLS, and of its next version only what is new', async () => {
  const seed = String(Date.now());
  const [first, second] = [
    testImage({ seed, version: `1 ${seed}` }),
    testImage({ seed, version: `2 ${seed}` }),
  ];
  await push(registry, first, '1');
  await push(registry, second, '2');
  registry.forget();
  await kubectl(
    'edge1',
    '-n',
    namespace,
    'create',
    'deployment',
    'app',
    '--replicas=2',
    `--image=${nameOf(first.digest)}`,
  );
  await rollout();
  expect(await answers()).toEqual([
    `edgeyard test image, version 1 ${seed}`,
    `edgeyard test image, version 1 ${seed}`,
  ]);
  registry.forget();
  await kubectl('edge1', '-n', namespace, 'set', 'image', 'deployment/app', `*=${nameOf(second.digest)}`);
  await rollout();
  await expect
    .poll(answers, patience)
    .toEqual([`edgeyard test image, version 2 ${seed}`, `edgeyard test image, version 2 ${seed}`]);
  const blobs = registry
    .requests()
    .flatMap(({ method, path }) => (method === 'GET' ? (/sha256:\w+$/.exec(path) ?? []) : []));
  const fetched = blobs.filter((digest) => digest !== second.digest);
  const fresh = [second.config.digest, second.layers[2]?.digest];
  expect(new Set(fetched)).toEqual(new Set(fresh));
  expect(fetched).toHaveLength(4);
});

test('a node pulls with a token of the login that it is given', async () => {
  const image = testImage({ seed: String(Date.now()) });
  const guarded = await startRegistry({ host, token: tokens, dir: registry.dir });
  try {
    await push(registry, image, 'guarded');
    await letNodesPull(guarded.address);
    const run = (...more: string[]) =>
      kubectl(
        'edge1',
        '-n',
        namespace,
        'run',
        ...more,
        `--image=${guarded.address}/stack/app@${image.digest}`,
      );
    await run('stranger');
    await expect.poll(() => waitingReason('stranger'), patience).toMatch(/^(ErrImagePull|ImagePullBackOff)$/);
    const login = [
      '--docker-username=puller',
      '--docker-password=pull-only',
      `--docker-server=${guarded.address}`,
    ];
    await kubectl('edge1', '-n', namespace, 'create', 'secret', 'docker-registry', 'pull', ...login);
    await run('guest', '--overrides={"spec":{"imagePullSecrets":[{"name":"pull"}]}}');
    await kubectl('edge1', '-n', namespace, 'wait', '--for=condition=Ready', 'pod/guest', '--timeout=60s');
  } finally {
    await guarded.stop();
  }
});

test('a node that is stopped comes back with what ran on it', async () => {
  const before = await kubectl('edge2', 'get', 'nodes', '--no-headers');
  expect(before).toMatch(/^edge2-n1 +Ready/);
  await stopPart('edge2', 'edge2-n1');
  await startCluster('edge2');
  expect(await kubectl('edge2', 'get', 'nodes', '--no-headers')).toMatch(/^edge2-n1 +Ready/);
});

function nameOf(digest: string): string {
  return `${registry.address}/stack/app@${digest}`;
}

async function push(to: TestRegistry, image: ReturnType<typeof testImage>, tag: string): Promise<void> {
  await pushImage(image, { url: to.url, repository: 'stack/app', tag, ca: ca.certificate });
}

async function rollout(): Promise<void> {
  await kubectl('edge1', '-n', namespace, 'rollout', 'status', 'deployment/app', '--timeout=90s');
}

/** What the running pods answer; the host has a route to their addresses. */
async function answers(): Promise<string[]> {
  const pods = await kubectl(
    'edge1',
    '-n',
    namespace,
    'get',
    'pods',
    '-l',
    'app=app',
    '-o',
    'jsonpath={.items[*].status.podIP}',
  );
  return Promise.all(
    pods.split(' ').map(async (address) => (await (await fetch(`http://${address}:8080/`)).text()).trim()),
  );
}

function waitingReason(pod: string): Promise<string> {
  const path = 'jsonpath={.status.containerStatuses[0].state.waiting.reason}';
  return kubectl('edge1', '-n', namespace, 'get', 'pod', pod, '-o', path);
}

async function kubectl(cluster: ClusterName, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('kubectl', [
    '--kubeconfig',
    kubeconfigFileOf(cluster),
    ...args,
  ]);
  return stdout.trim();
}
