import type { MessageKey } from '@/messages/messages';
import { Readable } from 'node:stream';
import pino from 'pino';
import type { UserActor } from '../../access/actor';
import type { Db } from '../../db/database';
import { testDatabase } from '../../db/testing';
import { openEvents } from '../../jobs/events';
import { openJobs } from '../../jobs/jobs';
import type { Registry, StoredManifest } from '../../oci/oci';
import { sha256 } from '../../oci/testing';
import { Problem } from '../../problem';
import type { DiskSource } from '../../sites/disk-cache';
import { openFakeSite } from '../../sites/fake/fake-site';
import { openFakeWorkloadSite } from '../../sites/fake/fake-workloads';
import { siteRegistry } from '../../sites/registry';
import type { AnySite } from '../../sites/site';
import type { EdgeRegistry } from '../edges/edges';
import type { EdgeView } from '../edges/schemas';
import type { SyncedRelease } from '../sync/schemas';
import { openDistributions } from './distribution';
import type { DistributionPorts } from './ports';

export const operator: UserActor = {
  userId: 'user-op',
  name: 'op',
  role: 'operator',
  scopes: ['read', 'write'],
  via: 'session',
};

/** An edge as the room of edges shows it. */
export function testEdge(part: Partial<EdgeView> & { id: string }): EdgeView {
  return {
    name: part.id,
    kind: part.runs === 'vms' ? 'qemu' : 'kubernetes',
    runs: 'containers',
    enabled: true,
    labels: {},
    place: null,
    registry: null,
    health: { state: 'well', problem: null, since: 0, checkedAt: 0 },
    capacity: null,
    capacityAt: null,
    speed: null,
    ...part,
  };
}

/** A release in sync, made of these artifacts. */
export function testRelease(
  part: Partial<SyncedRelease> & { id: string },
  images: readonly { repository: string; digest: string; size?: number }[],
): SyncedRelease {
  return {
    storeId: 'own',
    storeName: 'This Edgeyard',
    appId: 'app',
    releaseId: part.id,
    name: 'Camera',
    provider: 'Acme',
    version: '1.0',
    kind: 'container',
    type: 'Video',
    industry: 'Smart Park',
    architecture: 'X86',
    description: '',
    iconUrl: null,
    size: 1000,
    digest: null,
    publishedAt: 1000,
    state: 'inSync',
    change: 'inStep',
    problem: null,
    proof: 'verified',
    images: images.map(({ repository, digest, size }) => ({
      name: `${repository}:1`,
      digest,
      artifact: {
        repository,
        tag: '1',
        digest,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        platforms: ['linux/amd64'],
        size: size ?? null,
      },
    })),
    syncedAt: 2000,
    withdrawnAt: null,
    jobId: null,
    ...part,
  };
}

/** A registry in memory that holds manifests alone; every request is counted. */
export function memoryRegistry() {
  const manifests = new Map<string, StoredManifest>();
  const requests: string[] = [];
  const found = (method: string, repository: string, reference: string) => {
    requests.push(`${method} ${repository}@${reference.slice(7, 15)}`);
    return Promise.resolve(manifests.get(`${repository}@${reference}`));
  };
  const registry = {
    url: 'http://memory',
    manifest: (repository: string, reference: string) => found('GET', repository, reference),
    head: async (repository: string, reference: string) =>
      (await found('HEAD', repository, reference))?.descriptor,
    deleteManifest: (repository: string, digest: string) => {
      requests.push(`DELETE ${repository}`);
      manifests.delete(`${repository}@${digest}`);
      return Promise.resolve();
    },
  } as unknown as Registry;
  return {
    registry,
    requests,
    manifests,
    /** Adds an image made of layers of these sizes, by their names. */
    add(
      repository: string,
      layers: Record<string, number>,
    ): { repository: string; digest: string; size: number } {
      const mediaType = 'application/vnd.oci.image.manifest.v1+json';
      const parts = Object.entries(layers).map(([name, size]) => ({
        mediaType: 'layer',
        digest: sha256(Buffer.from(name)),
        size,
      }));
      const bytes = Buffer.from(JSON.stringify({ repository, layers: parts }));
      const digest = sha256(bytes);
      // Sizes of manifest and config are nothing, so that tests can count in layers.
      const config = { mediaType: 'config', digest: sha256(Buffer.from(`config ${digest}`)), size: 0 };
      manifests.set(`${repository}@${digest}`, {
        descriptor: { mediaType, digest, size: 0 },
        bytes,
        manifest: {
          kind: 'image',
          mediaType,
          artifactType: undefined,
          config,
          layers: parts,
          subject: undefined,
          annotations: {},
        },
      });
      return { repository, digest, size: parts.reduce((sum, { size }) => sum + size, 0) };
    },
  };
}

/** A disk image of zeros. */
export function testDisk(digest: string, size: number, name = 'disk'): DiskSource {
  return {
    name,
    digest,
    os: undefined,
    architecture: 'x86_64',
    login: undefined,
    cloudInit: false,
    minMemoryMiB: 0,
    minDiskGiB: 1,
    virtualSize: size,
    qcow2: { size, from: (offset) => Readable.from([Buffer.alloc(size - offset)], { objectMode: false }) },
    repository: 'operations/disks',
    pull: () => Promise.reject(new Error('no pull')),
    takeIn: () => Promise.reject(new Error('not on this machine')),
    wouldMove: () => Promise.resolve(size),
  };
}

/**
 * The room on a real job engine and sites in memory.
 *
 * @param given edges, and releases of which the room is told; both may be changed by the test
 */
export function testDistributions(given: {
  db?: Db;
  edges: EdgeView[];
  releases: SyncedRelease[];
  home: ReturnType<typeof memoryRegistry>;
  sites?: AnySite[];
  /** An edge is looked at anew, which may change what it told; without it, it tells the same. */
  look?: (edge: EdgeView) => void;
  registries?: { get(edgeId: string): EdgeRegistry | Promise<EdgeRegistry | undefined> | undefined };
  ports?: Partial<DistributionPorts>;
}) {
  const db = given.db ?? testDatabase();
  const events = openEvents();
  const log = pino({ level: 'silent' });
  const jobs = openJobs({ db, events, log });
  const { edges, releases, home } = given;
  const sites = given.sites ?? edges.map((edge) => fakeSiteOf(edge));
  const revoked: string[] = [];
  const logins = new Set<string>();
  const measured: { id: string; bytes: number }[] = [];
  const running: { id: string; name: string }[] = [];
  const edgeOf = (id: string) => edges.find((edge) => edge.id === id) ?? missing('edges.errors.noEdge');
  const room = openDistributions({
    db,
    jobs,
    events,
    log,
    audit: () => undefined,
    sites: siteRegistry(sites),
    edges: {
      list: () => edges,
      get: (id) => ({ ...edgeOf(id) }),
      check: (id) => {
        const { look = (edge: EdgeView) => void (edge.capacityAt = Date.now()) } = given;
        look(edgeOf(id));
        return Promise.resolve({ ...edgeOf(id) });
      },
      registryOf: (id) => Promise.resolve(given.registries?.get(id)),
      measured: (id, bytes) => void measured.push({ id, bytes }),
    },
    sync: {
      release: (id) => releases.find((release) => release.id === id) ?? missing('sync.errors.noRelease'),
      releases: () => releases,
    },
    registries: {
      of: () =>
        Promise.resolve({
          role: 'operations',
          registry: home.registry,
          repository: (...path: string[]) => path.join('/'),
          address: 'operations:5000',
        }),
      pullAccess: (_role, _repositories, holder) => {
        logins.add(holder);
        return Promise.resolve({ address: 'operations:5000', plainHttp: true });
      },
      revokePull: (holder) => {
        logins.delete(holder);
        revoked.push(holder);
      },
      pullHolders: () => [...logins],
    },
    copyArtifact: () => Promise.reject(new Error('nothing is copied here')),
    diskSource: (place, words) => Promise.resolve(testDisk(place.digest, 1_000_000, words.name)),
    running: () => running,
    ...given.ports,
  });
  return { room, db, jobs, sites, logins, revoked, measured, running };
}

/** A site in memory for an edge. */
export function fakeSiteOf({ id, name, runs, kind }: EdgeView) {
  if (runs === 'vms') return openFakeSite({ id, name });
  return openFakeWorkloadSite({ id, name, kind: kind === 'docker' ? 'docker' : 'kubernetes' });
}

function missing(key: MessageKey): never {
  throw new Problem('not_found', key);
}
