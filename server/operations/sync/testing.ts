import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { UserActor } from '../../access/actor';
import { testDatabase } from '../../db/testing';
import { openEvents } from '../../jobs/events';
import type { Job } from '../../jobs/job';
import { openJobs } from '../../jobs/jobs';
import type { CopyReport, Registry } from '../../oci/oci';
import { sha256 } from '../../oci/testing';
import type { ContainerFacts, PackageOrder } from '../../packages/order';
import { testContainerOrder } from '../../packages/csar/order-fixture';
import { writeCsar } from '../../packages/csar/write-csar';
import { sendArchive } from '../../containers/archive/send-archive';
import { packageFiles } from '../../packages/package-files';
import { Problem } from '../../problem';
import type { ImageUse, RoomArtifact, RoomRegistries } from '../../registries/registries';
import { memorySecrets } from '../../registries/testing';
import type { ImageLocation } from '../../store/schemas';
import { openSync, type SyncPorts } from './open-sync';
import type { CatalogueRelease, StoreSource } from './store-source';

export const operator: UserActor = {
  userId: 'operator',
  name: 'operator',
  role: 'operator',
  scopes: ['read', 'write', 'admin'],
  via: 'session',
};

/** A release of a store in memory, its package in a file. */
export interface TestRelease extends CatalogueRelease {
  path: string;
  images: ImageLocation[];
}

/** What differs from a plain release. */
interface ReleaseFacts {
  version?: string;
  name?: string;
  publishedAt?: number;
  images?: ContainerFacts['images'];
  /** Where the store has the images, by their name. */
  at?: (image: string) => string;
}

/** Writes a package of containers and says how a store would list it. */
export async function testRelease(dir: string, facts: ReleaseFacts = {}): Promise<TestRelease> {
  const { version = '1.0', name = 'web', publishedAt = 1 } = facts;
  const { at = (image: string) => `acme/${name}/${image}` } = facts;
  const order: PackageOrder = testContainerOrder();
  const deployment = order.containers?.deployment ?? { kind: 'manifests', fileName: 'x.yaml', base64: '' };
  const images = facts.images ?? order.containers?.images ?? [];
  const path = join(dir, `${name}-${version}.csar`);
  const project = { ...order.project, name, version, provider: 'ACME' };
  await writeCsar(path, { ...order, project, containers: { images, deployment } }, () => '');
  const bytes = readFileSync(path);
  return {
    appId: `app-${name}`,
    releaseId: `${name}-${version}`,
    name,
    provider: 'ACME',
    version,
    kind: 'container',
    type: 'Other',
    industry: 'Other',
    architecture: 'X86',
    description: '',
    iconUrl: undefined,
    size: bytes.length,
    digest: sha256(bytes),
    publishedAt,
    path,
    images: images.map(({ name: image, tag, digest, mediaType, platforms, size }) => ({
      name: `${image}:${tag}`,
      digest,
      artifact: { repository: at(image), tag, digest, mediaType, platforms, size },
    })),
  };
}

/** A store in memory. Whatever is asked of it is written down; a package breaks off at `cutAt`. */
export function memoryStore(releases: TestRelease[]) {
  const asked: string[] = [];
  const state = { releases, asked, down: false, cutAt: undefined as number | undefined };
  const find = (releaseId: string) => {
    const found = state.releases.find((release) => release.releaseId === releaseId);
    if (!found) throw new Problem('gone', 'sync.errors.storeMissing', { host: 'test' });
    return found;
  };
  const ask = (what: string) => {
    asked.push(what);
    if (state.down) throw new Problem('unavailable', 'sync.errors.storeUnreachable', { host: 'test' });
  };
  const source: StoreSource = {
    catalogue: async () => {
      await Promise.resolve(ask('catalogue'));
      return state.releases.map(({ path: _path, images: _images, ...release }) => release);
    },
    digest: async ({ releaseId }) => {
      await Promise.resolve(ask('digest'));
      return find(releaseId).digest;
    },
    download: async ({ releaseId }, target) => {
      const had = existsSync(target) ? statSync(target).size : 0;
      await Promise.resolve(ask(had === 0 ? 'download' : `download from ${had}`));
      appendFileSync(target, readFileSync(find(releaseId).path).subarray(had, state.cutAt));
      if (state.cutAt !== undefined)
        throw new Problem('unavailable', 'sync.errors.storeCut', { host: 'test' });
    },
    images: async ({ releaseId }) => {
      await Promise.resolve(ask('images'));
      return find(releaseId).images;
    },
    registry: () => Promise.reject(new Error('the own store has none of its own')),
    close: () => Promise.resolve(),
  };
  return Object.assign(state, { source });
}

/** Registries in memory: what is where, by `role/repository@digest`. The real ones have tests of their own. */
export function memoryRegistries() {
  const held = new Set<string>();
  const copies: string[] = [];
  const askers: ((repository: string, digest: string) => ImageUse[])[] = [];
  const digestAt = (repository: string, tag: string) =>
    [...held]
      .filter((each) => each.startsWith(`${repository}@`))
      .map((each) => each.slice(repository.length + 1))
      .find((digest) => tag === digest || tag.endsWith(digest.replace('sha256:', '').slice(0, 12)));
  const registry: Pick<Registry, 'head' | 'manifest' | 'deleteManifest'> = {
    head: (repository, tag) => {
      const digest = digestAt(repository, tag);
      return Promise.resolve(digest === undefined ? undefined : { mediaType: '', digest, size: 1 });
    },
    manifest: () => Promise.resolve(undefined),
    deleteManifest: (repository, digest) => {
      held.delete(`${repository}@${digest}`);
      return Promise.resolve();
    },
  };
  const registries: Pick<RoomRegistries, 'copy' | 'of' | 'usedBy'> = {
    of: (role) =>
      Promise.resolve({
        role,
        // Sync asks nothing else of it.
        registry: registry as Registry,
        repository: (...path: string[]) => [role, ...path].join('/'),
        address: 'registry.test',
      }),
    copy: (from: RoomArtifact, to: RoomArtifact): Promise<CopyReport> => {
      const key = `${to.repository}@${from.reference}`;
      const there = held.has(key);
      held.add(key);
      copies.push(key);
      return Promise.resolve({
        digest: from.reference,
        outcome: there ? 'unchanged' : 'copied',
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        bytes: 4096,
        bytesSent: there ? 0 : 4096,
        blobsSent: there ? 0 : 1,
        blobsMounted: 0,
        blobsThere: 0,
        tookMs: 1,
      });
    },
    usedBy: (asker) => {
      askers.push((repository, digest) => asker('operations', repository, digest));
    },
  };
  const uses = (repository: string, digest: string) => askers.flatMap((ask) => ask(repository, digest));
  return { registries, held, copies, uses };
}

/** Sync on a real job engine, an in-memory database and a temporary folder. */
export function testSync(
  source: StoreSource,
  given: Partial<SyncPorts> = {},
  dir = mkdtempSync(join(tmpdir(), 'edgeyard-sync-')),
  db = testDatabase(),
) {
  const events = openEvents();
  const log = pino({ level: 'silent' });
  const jobs = openJobs({ db, events, log });
  const audited: string[] = [];
  const memory = memoryRegistries();
  const sync = openSync({
    db,
    dir,
    jobs,
    events,
    log,
    secrets: memorySecrets(),
    audit: ({ action }) => void audited.push(action),
    registries: memory.registries,
    copyArtifact: () => Promise.reject(new Error('only the own store is asked here')),
    packages: { files: packageFiles },
    sendArchive,
    texts: { values: () => Promise.resolve(''), objects: () => Promise.resolve([]) },
    openSource: () => source,
    edgesWith: () => [],
    ...given,
  });
  const done = async (job: Job) => {
    jobs.run();
    return await jobs.settled(job.id);
  };
  return {
    sync,
    db,
    dir,
    jobs,
    events,
    audited,
    ...memory,
    done,
    /** Reads the own store's catalogue. */
    refresh: async () => await done(sync.stores.refresh(operator, 'own')),
    /** Syncs a release by its version. */
    syncVersion: async (version: string) => {
      const release = sync.releases({}).find((each) => each.version === version);
      const [job] = sync.start(operator, { releaseIds: [release?.id ?? ''] });
      if (!job) throw new Error('no job');
      return await done(job);
    },
    close: async () => {
      await jobs.stop();
      await sync.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
