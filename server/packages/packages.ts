/** The packages room: building, taking in, looking into and handing out app packages (CSAR, ETSI SOL 004). */
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { authorize, type Actor, type Authorized, type UserActor } from '../access/actor';
import type { RawRoute } from '../content/raw-route';
import type { SentFile } from '../content/send-file';
import type { Db } from '../db/database';
import { newId } from '../db/id';
import type { Events } from '../jobs/events';
import type { Job, Jobs } from '../jobs/job';
import type { Log } from '../log';
import { Problem } from '../problem';
import type { AppTopology } from '../sites/stacks';
import { contentRoute } from './content-route';
import { limits } from './csar/limits';
import { fileNameOf } from './csar/names';
import { descriptorText } from './csar/nested-descriptor';
import { topologyOf } from './csar/topology';
import { freezeOrder } from './freeze-order';
import type { PackageContainers, PackageImages, PackageProjects, PackagesAudit } from './order';
import { defineBuild, defineImport, pathsOf } from './package-jobs';
import { packageRefusals } from './package-gates';
import { detailOf, maySeePackage, openPackageRows, summaryOf, type PackageRow } from './package-rows';
import { packageFiles, type PackageFiles } from './package-files';
import { openPackageChunks, type PackageChunks } from './package-chunks';
import { keepMs, openPackageUploads, type IncomingFile } from './package-uploads';
import { previewFile } from './preview';
import {
  buildInput,
  type BuildInput,
  type FilePreview,
  type PackageAction,
  type PackageDetail,
  type PackageFilter,
  type PackageImage,
  type PackageSummary,
} from './schemas';
import { storyOfPackage } from './story';

/** What the packages room needs from the house. */
export interface PackagePorts {
  db: Db;
  /** Folder of its own; made when missing. */
  dir: string;
  jobs: Jobs;
  events: Events;
  log: Log;
  images: PackageImages;
  containers: PackageContainers;
  projects: PackageProjects;
  audit: PackagesAudit;
}

/** What a project tells about a package it was built from; the store shows it. */
export interface PackageStory {
  readme: string;
  icon: { type: string; data: Buffer } | undefined;
  industry: string;
  type: string;
  architecture: string;
}

/** A package whose hashes all match, with what publishing needs. */
export interface PublishablePackage {
  summary: PackageSummary & { digest: string; size: number };
  /** Path of the archive; never written again once it is there. */
  path: string;
  ownerId: string;
  detail: PackageDetail;
  story: PackageStory;
}

export interface Packages {
  /** Packages the actor may see, newest first. */
  list(actor: Actor, filter: PackageFilter): PackageSummary[];
  /** @throws Problem `not_found` */
  get(actor: Actor, id: string): PackageDetail;
  /** The beginning of a file of the package. @throws Problem `not_found` */
  preview(actor: Actor, id: string, path: string): Promise<FilePreview>;
  /**
   * Starts building a package of a project.
   *
   * @param idempotencyKey the same key gives the same job
   * @throws Problem `not_found`; `invalid` when a VM project has no VM; `conflict` when an image is not ready, or a
   *   container project has no deployment text
   */
  build(actor: UserActor, projectId: string, input: BuildInput, idempotencyKey?: string): Promise<Job>;
  /**
   * Takes in a package that somebody else made, streaming it to disk, and starts the job that checks it.
   *
   * @param size bytes announced, when known
   * @throws Problem `too_large`, `no_space`, `not_found`
   */
  receive(actor: UserActor, file: IncomingFile, content: Readable): Promise<Job>;
  /** Packages that come in numbered chunks. */
  chunks: Omit<PackageChunks, 'sweep'>;
  /** The file to send. @throws Problem `not_found`, `conflict` while it is not ready */
  content(actor: Actor, id: string): SentFile;
  /** @throws Problem `not_found`, `conflict` while a job works on it */
  remove(actor: UserActor, id: string): Promise<void>;
  /**
   * What the store takes over.
   *
   * @param action what is about to happen: to be published, the hashes must match; to be told of, it need only be ready
   * @throws Problem `not_found`; `conflict` when the action is not possible
   */
  publishable(actor: Actor, id: string, action?: 'publish' | 'download'): Promise<PublishablePackage>;
  /**
   * What the package's descriptor asks a site for, and the images it names.
   *
   * @throws Problem `not_found`, `conflict` while it is not ready, `invalid` when it describes no VMs
   */
  topology(actor: Actor, id: string): Promise<{ topology: AppTopology; images: PackageImage[] }>;
  /** The same looks at a package that lies in a file of another room. */
  files: PackageFiles;
  /** Takes up uploads that an earlier process left; called once, before jobs run. */
  open(): Promise<void>;
  /** Uploads (tus) and downloads with Range, on Node's own sockets. */
  rawRoutes: readonly RawRoute[];
}

/** Opens the packages room: its folder, its jobs, its routes. */
export function openPackages(ports: PackagePorts): Packages {
  const { db, dir, projects } = ports;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const rows = openPackageRows(ports);
  const parts = { db, dir, jobs: ports.jobs, rows, images: ports.images, projects };
  const buildJob = defineBuild(parts);

  const authorized = (actor: Actor, id: string): Authorized<PackageRow> =>
    authorize(rows.find(id), (row) => maySeePackage(projects, actor, row), 'packages.errors.noPackageHere');
  const requireGate = (row: PackageRow, action: PackageAction) => {
    const refusal = packageRefusals(row)[action];
    if (refusal !== null) throw new Problem('conflict', refusal, { name: row.name, version: row.version });
  };
  const record = (actor: Actor, action: string, row: { id: string; name: string; version: string }) => {
    const detail = { name: row.name, version: row.version };
    ports.audit.record({ actor, action, subject: { type: 'package', id: row.id }, detail });
  };
  const uploads = openPackageUploads({
    ...parts,
    importJob: defineImport(parts),
    begun: (actor, id, name) => {
      record(actor, 'packages.upload', { id, name, version: '' });
    },
  });

  const chunks = openPackageChunks(join(dir, 'chunks'));
  const contentOf = (actor: Actor, id: string): SentFile => {
    const row = authorized(actor, id);
    requireGate(row, 'download');
    return {
      path: pathsOf(dir, id).content,
      sha256: (row.digest ?? '').replace('sha256:', ''),
      size: row.size ?? 0,
      fileName: row.fileName,
      type: 'application/zip',
      open: false,
    };
  };

  return {
    content: contentOf,
    list: (actor, filter) =>
      rows
        .list(filter.projectId)
        .filter((row) => maySeePackage(projects, actor, row))
        .map(summaryOf),
    get: (actor, id) => detailOf(authorized(actor, id)),
    async preview(actor, id, path) {
      const row = authorized(actor, id);
      requireGate(row, 'download');
      const file = row.files.find((entry) => entry.path === path);
      if (file === undefined) throw new Problem('not_found', 'packages.errors.noFile', { path });
      return await previewFile(pathsOf(dir, id).content, file);
    },
    async build(actor, projectId, input, idempotencyKey) {
      const wanted = buildInput.parse(input);
      const order = await freezeOrder(ports, actor, projectId, wanted);
      const { project } = order;
      const id = newId('pkg');
      return db.transaction(() => {
        const job = buildJob.start({
          input: { packageId: id },
          subject: { type: 'package', id },
          projectId,
          actorId: actor.userId,
          idempotencyKey,
        });
        // The job of an earlier request with the same key builds that request's package.
        if (job.subject.id !== id) return job;
        rows.insert({
          id,
          projectId,
          ownerId: actor.userId,
          ownerName: actor.name,
          name: project.name,
          provider: project.provider,
          version: project.version,
          kind: project.kind,
          description: project.description,
          origin: 'built',
          state: 'building',
          order,
          fileName: `${fileNameOf(project.name)}-${project.version}.csar`,
          jobId: job.id,
        });
        record(actor, 'packages.build', { id, name: project.name, version: project.version });
        return job;
      });
    },
    async receive(actor, file, content) {
      return await uploads.receive(actor, file, content);
    },
    async remove(actor, id) {
      const row = authorized(actor, id);
      requireGate(row, 'remove');
      rows.remove(id);
      const { content, part, incoming } = pathsOf(dir, id);
      for (const file of [content, part, incoming, `${incoming}.json`]) await rm(file, { force: true });
      record(actor, 'packages.remove', row);
    },
    async topology(actor, id) {
      const row = authorized(actor, id);
      requireGate(row, 'download');
      const topology = topologyOf(await descriptorText(pathsOf(dir, id).content, limits));
      return { topology, images: detailOf(row).images };
    },
    async publishable(actor, id, action = 'publish') {
      const row = authorized(actor, id);
      requireGate(row, action);
      const { digest, size } = row;
      if (digest === null || size === null) throw new Problem('conflict', 'packages.gates.checking');
      const { content } = pathsOf(dir, id);
      return {
        summary: { ...summaryOf(row), digest, size },
        path: content,
        ownerId: row.ownerId,
        detail: detailOf(row),
        story: await storyOfPackage(row, content),
      };
    },
    files: packageFiles,
    chunks,
    open: async () => {
      await uploads.sweep();
      await chunks.sweep(keepMs);
    },
    rawRoutes: [uploads.route, contentRoute(contentOf)],
  };
}
