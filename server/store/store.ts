/** The store: apps, their releases, search, downloads. */
import type { Actor, UserActor } from '../access/actor';
import type { RawRoute } from '../api/raw-route';
import type { Db } from '../db/database';
import type { Events } from '../jobs/events';
import type { Job, Jobs } from '../jobs/job';
import type { Log } from '../log';
import type { PackageImages, PackageProjects, PackagesAudit } from '../packages/order';
import type { Packages } from '../packages/packages';
import type { AppDetail, AppRelease, PublishInput, SearchResult, StoreSearch } from './schemas';

/** What the store needs from the house. */
export interface StorePorts {
  db: Db;
  /** Folder of its own; made when missing. */
  dir: string;
  jobs: Jobs;
  events: Events;
  log: Log;
  packages: Pick<Packages, 'publishable'>;
  projects: Pick<PackageProjects, 'canSee'>;
  images: Pick<PackageImages, 'proofs' | 'screenshot'>;
  audit: PackagesAudit;
}

export interface AppIcon {
  type: string;
  data: Buffer;
}

export interface Store {
  /** Apps on the shelves. Anybody may ask. */
  search(search: StoreSearch): SearchResult;
  /** @throws Problem `not_found`; `gone` when it was unpublished */
  app(actor: Actor, appId: string): AppDetail;
  /** @throws Problem `not_found`; `gone` when it was unpublished */
  release(releaseId: string): AppRelease;
  /** The app's icon, or one drawn from its name. @throws Problem `not_found` */
  icon(appId: string): AppIcon;
  /**
   * Starts publishing a package. Asked twice at once, both get the same job.
   *
   * @throws Problem `not_found`; `conflict` when it is not ready, not verified, or the same version is published
   *   with other content; `forbidden` when the app is somebody else's
   */
  publish(actor: UserActor, packageId: string, input: PublishInput, idempotencyKey?: string): Promise<Job>;
  /** Takes a release off the shelves. @throws Problem `not_found`, `forbidden` */
  unpublish(actor: UserActor, releaseId: string): void;
  /** Downloads with Range, and pictures, on Node's own sockets. */
  rawRoutes: readonly RawRoute[];
}
