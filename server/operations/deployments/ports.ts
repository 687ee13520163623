import type { Actor } from '../../access/actor';
import type { AuditedChange, SecretsPort } from '../../access/ports';
import type { Db } from '../../db/database';
import type { Events } from '../../jobs/events';
import type { Jobs } from '../../jobs/job';
import type { Log } from '../../log';
import type { PackageProjects } from '../../packages/order';
import type { Packages } from '../../packages/packages';
import type { RoomRegistries } from '../../registries/registries';
import type { SiteRegistry } from '../../sites/registry';
import type { Distributions } from '../distribution/distribution';
import type { Edges } from '../edges/edges';
import type { Sync } from '../sync/sync';

/** What deployments need from the rest of the house. */
export interface DeploymentPorts {
  db: Db;
  jobs: Jobs;
  events: Events;
  log: Log;
  audit(record: AuditedChange): void;
  secrets: SecretsPort;
  sites: SiteRegistry;
  packages: Pick<Packages, 'get' | 'topology'>;
  projects: Pick<PackageProjects, 'canSee'>;
  /** Our disk image with these bytes that the actor may use; undefined when there is none. */
  imageByDigest(actor: Actor, digest: string): string | undefined;
  // The parts of operations need each other, so they are reached through functions.
  edges: () => Pick<Edges, 'get'>;
  sync: () => Pick<Sync, 'release' | 'topology' | 'text'>;
  distributions: () => Pick<Distributions, 'imagesFor' | 'placements'>;
  registries: Pick<RoomRegistries, 'revokePull'>;
}
