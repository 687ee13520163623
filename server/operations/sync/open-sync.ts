import { join } from 'node:path';
import PQueue from 'p-queue';
import { hasRole, type Actor } from '../../access/actor';
import type { AuditedChange, SecretsPort } from '../../access/ports';
import type { Db } from '../../db/database';
import type { Events } from '../../jobs/events';
import type { Job, Jobs } from '../../jobs/job';
import type { Log } from '../../log';
import type { copyArtifact } from '../../oci/copy-artifact';
import type { DeploymentFile, PackageFiles } from '../../packages/package-files';
import { asProblem, Problem } from '../../problem';
import type { RoomRegistries } from '../../registries/registries';
import type { KubeObject } from '../../sites/workloads';
import { openCatalogueRows, type ReleaseRow } from './catalogue-rows';
import type { SendArchive } from './embedded-images';
import { openHeldPackages } from './held-packages';
import { openMecStores } from './mec-stores';
import { defineRefresh } from './refresh-job';
import { openSchedule } from './schedule';
import { openSources, type OpenSource } from './sources';
import { openStoreRows, ownStoreId } from './store-rows';
import type { Sync } from './sync';
import { defineSync } from './sync-job';
import { proveHeld } from './sync-package';
import { openSyncedImages } from './synced-images';
import { passes, storeViewsOf, viewsOf } from './views';

/** What sync needs from the rest of the house. */
export interface SyncPorts {
  db: Db;
  /** Folder of operations; made when missing. */
  dir: string;
  jobs: Jobs;
  events: Events;
  log: Log;
  secrets: SecretsPort;
  audit(record: AuditedChange): void;
  registries: Pick<RoomRegistries, 'copy' | 'of' | 'usedBy'>;
  copyArtifact: typeof copyArtifact;
  packages: { files: PackageFiles };
  /** Sends container images out of an archive, which may lie in a package. */
  sendArchive: SendArchive;
  /** Reads the deployment text of a package. */
  texts: {
    values(file: DeploymentFile): Promise<string>;
    objects(file: DeploymentFile, name: string, values: string, signal: AbortSignal): Promise<KubeObject[]>;
  };
  openSource: OpenSource;
  /** Names of the edges that have a release, or run it. */
  edgesWith(releaseId: string): string[];
  /** Milliseconds since 1970. */
  now?: (() => number) | undefined;
}

/** How long a part of a package waits for somebody to try again. */
const partsKeptMs = 7 * 24 * 3_600_000;

const working = ['queued', 'running', 'cancelling'] as const;

/** Opens the room; nothing is read before `open`. */
export function openSync(ports: SyncPorts): Sync {
  const { db, jobs, registries, log, now = Date.now } = ports;
  const { files } = ports.packages;
  const stores = openStoreRows(ports);
  const rows = openCatalogueRows(ports);
  const held = openHeldPackages(join(ports.dir, 'packages'));
  const images = openSyncedImages(ports, rows);
  const sources = openSources(stores, ports.openSource);
  registries.usedBy((role, repository, digest) =>
    role === 'operations' ? images.usesOf(repository, digest) : [],
  );

  const syncJob = defineSync({
    jobs,
    rows,
    held,
    images,
    packages: files,
    registries,
    sendArchive: ports.sendArchive,
    sourceOf: (storeId) => sources.of(storeId),
    signersOf: (storeId) => stores.find(storeId)?.signers?.trim() ?? '',
  });
  const startOne = (
    row: ReleaseRow,
    by: { actorId?: string | undefined; parentId?: string | undefined },
  ): Job => {
    const subject = { type: 'syncedRelease' as const, id: row.id };
    // No await between this look and the start: two at once get the same job.
    const [running] = jobs.list({ subject, kind: 'release.sync', states: ['queued', 'running'], limit: 1 });
    if (running !== undefined) return running;
    return db.transaction(() => {
      const job = syncJob.start({
        input: { releaseId: row.id },
        subject,
        actorId: by.actorId,
        parentId: by.parentId,
      });
      rows.write(row.id, { state: 'syncing', problem: null, jobId: job.id });
      return job;
    });
  };
  const refreshJob = defineRefresh({
    jobs,
    log,
    stores,
    rows,
    sourceOf: (storeId) => sources.of(storeId),
    tidy: () => sweepParts(),
    startSync: (ids, parentId) => {
      for (const id of ids) startOne(rows.require(id), { parentId });
    },
  });
  const refresh = (storeId: string, actorId: string | undefined): Job => {
    const subject = { type: 'store' as const, id: storeId };
    const [running] = jobs.list({ subject, kind: 'store.refresh', states: ['queued', 'running'], limit: 1 });
    return running ?? refreshJob.start({ input: { storeId }, subject, actorId });
  };
  const schedule = openSchedule({
    stores: () => stores.all(),
    lastTriedAt: (store) => {
      const subject = { type: 'store' as const, id: store.id };
      const [last] = jobs.list({ subject, kind: 'store.refresh', limit: 1 });
      return Math.max(store.readAt ?? 0, last?.createdAt ?? 0);
    },
    read: (store) => {
      refresh(store.id, undefined);
    },
    now,
  });

  /** What is published here shows at once; what is new is synced when the rules' time has come. */
  const readOwn = async () => {
    const own = stores.require(ownStoreId);
    rows.apply(own, await sources.of(own.id).catalogue({}), now());
    stores.wasRead(own.id, { readAt: now() });
  };
  const readings = new PQueue({ concurrency: 1 });
  const stopListening = ports.events.subscribe(({ topic }) => {
    // One that waits sees what was published until it begins: a hundred notices are two readings.
    if (topic !== 'app' || readings.size > 0) return;
    readings
      .add(readOwn)
      .catch((error: unknown) => log.warn({ err: error }, 'the own catalogue could not be read'));
  });
  /** What came of packages that nobody will ask for any more. */
  const sweepParts = () =>
    held.sweepParts(({ releaseId, digest, changedAt }) => {
      const row = rows.find(releaseId);
      if (row === undefined || row.state === 'syncing') return row !== undefined;
      const wanted = digest !== undefined && digest === row.digest && digest !== row.heldDigest;
      return wanted && now() - changedAt < partsKeptMs;
    });

  const record = (
    actor: Actor,
    action: string,
    subject: AuditedChange['subject'],
    detail: AuditedChange['detail'],
  ) => {
    ports.audit({ actor, action, subject, detail });
  };
  const views = () => viewsOf(rows.all());
  const storeViews = () => storeViewsOf(stores.all(), views(), (id) => stores.has(id));
  const storeView = (id: string) => storeViews().find((store) => store.id === id) ?? missingStore();

  /** A release whose package is here, its bytes proved again. */
  const proved = async (id: string) => {
    const row = rows.require(id);
    const file = await proveHeld(row, held);
    if (file.damage === undefined) return { row, ...file };
    // Seen by all who look at it, until it is synced again.
    if (row.heldDigest !== null) rows.write(id, { state: 'failed', problem: file.damage.report() });
    throw file.damage;
  };

  const room: Sync = {
    stores: {
      list: storeViews,
      addresses: () => stores.all().flatMap(({ url, registry }) => [url ?? [], registry?.url ?? []].flat()),
      create(actor, input) {
        const { id, name, kind, url } = stores.create(input);
        record(actor, 'store.create', { type: 'store', id }, { name, kind, url: url ?? '' });
        schedule.arm();
        refresh(id, actor.userId);
        return storeView(id);
      },
      update(actor, id, input) {
        const { name, url } = ports.db.transaction(() => {
          const before = stores.find(id)?.signers;
          const row = stores.update(id, input);
          if (row.signers !== before) rows.unsign(id);
          return row;
        });
        sources.renew(id);
        record(actor, 'store.update', { type: 'store', id }, { name, url: url ?? '' });
        schedule.arm();
        return storeView(id);
      },
      remove(actor, id) {
        const { name } = stores.remove(id);
        rows.forget(id);
        sources.renew(id);
        record(actor, 'store.remove', { type: 'store', id }, { name });
        schedule.arm();
      },
      refresh(actor, id) {
        stores.require(id);
        return refresh(id, actor.userId);
      },
    },
    releases: (filter) => views().filter((release) => passes(filter, release)),
    page({ limit, offset, ...filter }) {
      const fitting = room.releases(filter);
      return { releases: fitting.slice(offset, offset + limit), total: fitting.length };
    },
    release(id) {
      const ofApp = viewsOf(rows.ofApp(rows.require(id)));
      return ofApp.find((release) => release.id === id) ?? missingRelease();
    },
    start(actor, { releaseIds }) {
      const wanted = [...new Set(releaseIds)].map((id) => rows.require(id));
      for (const { withdrawnAt, heldDigest, name, version } of wanted) {
        if (withdrawnAt !== null && heldDigest === null)
          throw new Problem('conflict', 'sync.errors.withdrawn', { name, version });
      }
      return wanted.map((row) => {
        const job = startOne(row, { actorId: actor.userId });
        record(actor, 'release.sync', { type: 'syncedRelease', id: row.id }, wordsOf(row));
        return job;
      });
    },
    async packagePath(id) {
      const { row, path, size, sha256 } = await proved(id);
      const fileName = `${row.name}-${row.version}.csar`.replace(/[^\p{L}\p{N}.+_-]/gu, '_');
      return { path, size, sha256, fileName };
    },
    async topology(id) {
      const { row, path } = await proved(id);
      if (row.kind !== 'vm') throw new Problem('invalid', 'sync.errors.notVms', wordsOf(row));
      return await files.topology(path);
    },
    async text(id) {
      const { row, path } = await proved(id);
      if (row.kind !== 'container') throw new Problem('invalid', 'sync.errors.notContainers', wordsOf(row));
      const file = await files.deployment(path);
      return {
        kind: file.kind,
        values: await ports.texts.values(file),
        objects: (name, values, signal) => ports.texts.objects(file, name, values, signal),
      };
    },
    async remove(actor, id) {
      const row = rows.require(id);
      const subject = { type: 'syncedRelease' as const, id };
      if (jobs.list({ subject, kind: 'release.sync', states: working, limit: 1 }).length > 0)
        throw new Problem('conflict', 'sync.errors.busy', wordsOf(row));
      const edges = ports.edgesWith(id);
      if (edges.length > 0) {
        const params = { ...wordsOf(row), count: edges.length, edges: edges.slice(0, 5).join(', ') };
        throw new Problem('conflict', 'sync.errors.atEdges', params);
      }
      // Of a release that is on the shelf the catalogue goes on telling.
      if (row.withdrawnAt !== null || stores.find(row.storeId) === undefined) rows.remove(id);
      else rows.write(id, nothingHeld);
      if (row.heldDigest !== null && rows.holding(row.heldDigest).length === 0)
        await held.drop(row.heldDigest);
      await held.dropParts(id);
      record(actor, 'release.remove', subject, wordsOf(row));
      await images.freeUnused(AbortSignal.timeout(60_000)).catch((error: unknown) => {
        // It is freed with the next release that goes.
        log.warn({ err: error }, 'images of a removed release could not be freed');
      });
    },
    mecStores: openMecStores({ stores, rows, views, refresh, jobs, room: () => room }),
    nameOf(actor, id) {
      if (!hasRole(actor, 'developer')) throw new Problem('not_found', 'sync.errors.noRelease');
      const { name, version } = rows.require(id);
      return `${name} ${version}`;
    },
    storeNameOf: (id) => stores.require(id).name,
    async open() {
      const busy = jobs.list({ kind: 'release.sync', states: working, limit: 1 }).length > 0;
      if (!busy) await held.sweep((digest) => rows.holding(digest).length > 0);
      await sweepParts();
      await readOwn().catch((error: unknown) => {
        stores.wasRead(ownStoreId, { problem: asProblem(error).report() });
      });
      schedule.arm();
    },
    async close() {
      stopListening();
      readings.clear();
      schedule.close();
      await readings.onIdle();
      await sources.close();
    },
  };
  return room;
}

const nothingHeld = {
  state: 'notInSync',
  problem: null,
  proof: null,
  images: [],
  pendingImages: null,
  heldDigest: null,
  syncedAt: null,
  jobId: null,
} as const satisfies Partial<ReleaseRow>;

const wordsOf = ({ name, version }: ReleaseRow) => ({ name, version });

function missingStore(): never {
  throw new Problem('not_found', 'sync.errors.noStore');
}

function missingRelease(): never {
  throw new Problem('not_found', 'sync.errors.noRelease');
}
