/** The packages room: building, taking in, looking into and handing out app packages (CSAR, ETSI SOL 004). */
import type { Readable } from 'node:stream';
import type { Actor, UserActor } from '../access/actor';
import type { RawRoute } from '../api/raw-route';
import type { Db } from '../db/database';
import type { Events } from '../jobs/events';
import type { Job, Jobs } from '../jobs/job';
import type { Log } from '../log';
import type { PackageImages, PackageProjects, PackagesAudit } from './order';
import type { BuildInput, FilePreview, PackageDetail, PackageFilter, PackageSummary } from './schemas';

/** What the packages room needs from the house. */
export interface PackagePorts {
  db: Db;
  /** Folder of its own; made when missing. */
  dir: string;
  jobs: Jobs;
  events: Events;
  log: Log;
  images: PackageImages;
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
   * @throws Problem `not_found`, `invalid` when the project has no VM, `conflict` when an image is not ready
   */
  build(actor: UserActor, projectId: string, input: BuildInput, idempotencyKey?: string): Promise<Job>;
  /**
   * Takes in a package that somebody else made, streaming it to disk, and starts the job that checks it.
   *
   * @param size bytes announced, when known
   * @throws Problem `too_large`, `no_space`, `not_found`
   */
  receive(
    actor: UserActor,
    file: { name: string; size: number | undefined; projectId: string | undefined },
    content: Readable,
  ): Promise<Job>;
  /** @throws Problem `not_found`, `conflict` while a job works on it */
  remove(actor: UserActor, id: string): Promise<void>;
  /**
   * What the store takes over.
   *
   * @throws Problem `not_found`; `conflict` when it is not ready or its hashes do not match
   */
  publishable(actor: Actor, id: string): Promise<PublishablePackage>;
  /** Uploads (tus) and downloads with Range, on Node's own sockets. */
  rawRoutes: readonly RawRoute[];
}
