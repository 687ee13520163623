import pino from 'pino';
import type { UserActor } from '../../access/actor';
import { testDatabase } from '../../db/testing';
import { openEvents } from '../../jobs/events';
import type { Job } from '../../jobs/job';
import { openJobs } from '../../jobs/jobs';
import { Problem } from '../../problem';
import { memorySecrets } from '../../registries/testing';
import { openFakeSite, fakeImage } from '../../sites/fake/fake-site';
import { openFakeWorkloadSite } from '../../sites/fake/fake-workloads';
import { siteRegistry } from '../../sites/registry';
import type { AppTopology, Stack, Stacks } from '../../sites/stacks';
import type { Site, WorkloadSite } from '../../sites/site';
import type { KubeObject, PullAccess } from '../../sites/workloads';
import type { EdgeView } from '../edges/schemas';
import type { SyncedRelease } from '../sync/schemas';
import { openDeployments } from './deployments';

const user = (name: string, role: UserActor['role']): UserActor => ({
  userId: name,
  name,
  role,
  scopes: ['read', 'write', 'admin'],
  via: 'session',
});
export const operator = user('olga', 'operator');
export const developer = user('dan', 'developer');

const digest = (version: string) => `sha256:${version.replaceAll('.', '').padEnd(64, '0')}`;

/** Objects of the test's app of containers: a Deployment, a Secret, and one object that only this version has. */
function objectsOf(version: string, values: string): KubeObject[] {
  const labels = { app: 'web' };
  const resources = { requests: { cpu: '500m', memory: '64Mi' } };
  const containers = [{ name: 'web', image: `acme/web:${version}`, resources }];
  return [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key' }, stringData: { key: 'hush-hush' } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `of-${version}` }, data: { values } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers } },
      },
    },
  ];
}

function releaseOf(id: string, kind: 'vm' | 'container', version: string, name: string): SyncedRelease {
  return {
    id,
    storeId: 'own',
    storeName: 'This Edgeyard',
    appId: `app-${name}`,
    releaseId: `rel-${id}`,
    name,
    provider: 'ACME',
    version,
    kind,
    type: '',
    industry: '',
    architecture: 'x86_64',
    description: '',
    iconUrl: null,
    size: 1,
    digest: null,
    publishedAt: 1,
    state: 'inSync',
    change: 'inStep',
    problem: null,
    proof: 'verified',
    images: [],
    syncedAt: 1,
    withdrawnAt: null,
    jobId: null,
  };
}

const topology: AppTopology = {
  name: 'Cam',
  version: '1',
  inputs: [],
  vms: [
    {
      node: 'front',
      name: 'front',
      vcpus: 2,
      memoryMiB: 512,
      diskGiB: 4,
      image: 'cam',
      zone: undefined,
      userData: undefined,
      cards: [],
    },
  ],
  networks: [],
};

/** A cloud's stacks in memory, ready at once; `fail` makes the next one fail. */
function memoryStacks() {
  const there = new Map<string, Stack & { deploymentId: string; images: ReadonlyMap<string, string> }>();
  const state = { fail: undefined as Problem | undefined, count: 0 };
  const stacks: Stacks = {
    plan: () =>
      Promise.resolve({
        template: 'text',
        parameters: [
          {
            name: 'password',
            type: 'string',
            description: '',
            default: undefined,
            required: true,
            secret: true,
          },
        ],
        reasons: [],
      }),
    create: (wish) => {
      const { fail } = state;
      state.fail = undefined;
      if (fail) return Promise.reject(fail);
      const earlier = [...there.values()].find(
        (each) => each.name === wish.name && each.deploymentId === wish.deploymentId,
      );
      const ref = earlier?.ref ?? `stack-${(state.count += 1)}`;
      const stack = {
        ref,
        name: wish.name,
        state: 'ready' as const,
        reason: '',
        outputs: [],
        resources: [{ name: 'front', type: 'VM', status: 'RUNNING', id: `vm-of-${ref}` }],
      };
      there.set(ref, { ...stack, deploymentId: wish.deploymentId, images: wish.images });
      return Promise.resolve(stack);
    },
    find: (mark) =>
      Promise.resolve(
        [...there.values()].find((each) => each.name === mark.name && each.deploymentId === mark.deploymentId)
          ?.ref,
      ),
    get: (ref) => Promise.resolve(there.get(ref)),
    events: () => Promise.resolve([]),
    delete: (ref) => {
      there.delete(ref);
      return Promise.resolve();
    },
  };
  return { stacks, there, failNext: (problem: Problem) => (state.fail = problem) };
}

/** A real edge beside those in memory, at which all releases are as well. */
export interface RealEdge {
  site?: Site | WorkloadSite;
  topology?: AppTopology;
  /** Its own id of the disk image of a version. */
  siteImageId?: (version: string) => string;
  objects?: (version: string) => KubeObject[];
  /** `address/repository@sha256:…` of the image of a version. */
  reference?: (version: string) => string;
  pull?: PullAccess;
}

/**
 * Deployments on two clusters (`north`, `south`) and a cloud, in memory. Releases: `web1`, `web2` (containers), `cam1`,
 * `cam2` (VMs) and `other`; all of them are at all edges, but for `south`, where only `web1` is.
 */
export function testDeployments(real: RealEdge = {}) {
  const db = testDatabase();
  const events = openEvents();
  const log = pino({ level: 'silent' });
  const jobs = openJobs({ db, events, log });
  const clusters = ['north', 'south'].map((id) => openFakeWorkloadSite({ id, name: id }));
  const [north, south] = clusters;
  if (!north || !south) throw new Error('No clusters.');
  const cloud = memoryStacks();
  const vmSite = openFakeSite({ id: 'cloud', name: 'cloud', images: [fakeImage({ id: 'tiny' })] });
  const names = new Set<string>();
  const kept = memorySecrets();
  const secrets = {
    ...kept,
    put: (name: string, plain: string) => {
      names.add(name);
      kept.put(name, plain);
    },
  };
  const releases = [
    releaseOf('web1', 'container', '1.0', 'Web'),
    releaseOf('web2', 'container', '2.0', 'Web'),
    releaseOf('cam1', 'vm', '1.0', 'Cam'),
    releaseOf('cam2', 'vm', '2.0', 'Cam'),
    releaseOf('other', 'container', '1.0', 'Other'),
  ];
  const find = (id: string) => {
    const found = releases.find((each) => each.id === id);
    if (!found) throw new Problem('not_found', 'sync.errors.noRelease');
    return found;
  };
  const imageOf = ({ kind, version }: SyncedRelease) => (kind === 'vm' ? 'cam' : `acme/web:${version}`);
  const logins = new Set<string>();
  const audited: string[] = [];
  const room = openDeployments({
    db,
    jobs,
    events,
    log,
    packages: {} as never,
    audit: ({ action }) => audited.push(action),
    secrets,
    sites: siteRegistry([
      ...clusters,
      Object.assign(vmSite, { stacks: cloud.stacks }),
      ...(real.site ? [real.site] : []),
    ]),
    projects: { canSee: () => false },
    imageByDigest: () => undefined,
    edges: () => ({
      get: (id) => {
        if (!['north', 'south', 'cloud', real.site?.id].includes(id))
          throw new Problem('not_found', 'edges.errors.noEdge');
        return { id, name: id } as EdgeView;
      },
    }),
    sync: () => ({
      release: find,
      topology: () => Promise.resolve({ topology: real.topology ?? topology, images: [] }),
      text: (id) =>
        Promise.resolve({
          kind: 'chart',
          values: 'colour: blue\n',
          objects: (_name, values) => {
            const { version } = find(id);
            return Promise.resolve(real.objects?.(version) ?? objectsOf(version, values));
          },
        }),
    }),
    distributions: () => ({
      placements: ({ edgeId = '', releaseId = '' }) => {
        const release = find(releaseId);
        if (edgeId === 'south' && releaseId !== 'web1') return [];
        const known = real.siteImageId?.(release.version) ?? `glance-${release.version}`;
        const siteImageId = release.kind === 'vm' ? known : null;
        const images = [{ name: imageOf(release), digest: digest(release.version), siteImageId }];
        return [{ releaseId, edgeId, images, verifiedAt: 1, behind: false }];
      },
      imagesFor: (releaseId, _edgeId, holder) => {
        const release = find(releaseId);
        const name = imageOf(release);
        logins.add(holder);
        return Promise.resolve({
          images: [
            {
              name,
              reference:
                real.reference?.(release.version) ?? `registry.test/acme/web@${digest(release.version)}`,
            },
          ],
          pull: real.pull ?? {
            address: 'registry.test',
            plainHttp: true,
            login: { user: holder, password: 'p' },
          },
        });
      },
    }),
    registries: { revokePull: (holder) => logins.delete(holder) },
  });
  jobs.run();
  return {
    room,
    db,
    jobs,
    releases,
    release: find,
    north,
    south,
    cloud,
    vmSite,
    logins,
    audited,
    digest,
    /** Names of secrets that were kept and not removed. */
    secretsLeft: () => [...names].filter((name) => kept.has(name)),
    done: (job: Pick<Job, 'id'>) => jobs.settled(job.id),
    /** Deploys at one edge, and waits. */
    async deployed(releaseId: string, edgeId: string, given: { values?: string; name?: string } = {}) {
      const parameters: Record<string, string> = releaseId.startsWith('cam') ? { password: 'pass-word' } : {};
      const { name = 'shop', values = '' } = given;
      const { started } = await room.deployRelease(operator, {
        releaseId,
        edgeIds: [edgeId],
        name,
        values,
        parameters,
      });
      const [first] = started;
      if (!first) throw new Error('Nothing was started.');
      const job = await jobs.settled(first.job.id);
      return { id: first.deployment.id, job };
    },
    close: async () => {
      await jobs.stop();
      room.close();
    },
  };
}
