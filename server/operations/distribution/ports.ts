/** What distribution needs of the house, small enough to be stood in for in its tests. */
import type { AuditedChange } from '../../access/ports';
import type { Db } from '../../db/database';
import type { Events } from '../../jobs/events';
import type { Jobs } from '../../jobs/job';
import type { Log } from '../../log';
import type { copyArtifact } from '../../oci/copy-artifact';
import type { Registry } from '../../oci/oci';
import type { RoomRegistries } from '../../registries/registries';
import type { DiskSource } from '../../sites/disk-cache';
import type { SiteRegistry } from '../../sites/registry';
import type { Call } from '../../sites/site';
import type { PullAccess } from '../../sites/workloads';
import type { Edges } from '../edges/edges';
import type { Sync } from '../sync/sync';

/** A disk image in the operations registry. */
export interface DiskPlace {
  registry: Registry;
  /** Its whole name there. */
  repository: string;
  digest: string;
  /** The registry's address, for words. */
  address: string;
}

/** What belongs to a disk image beside what its artifact says. */
export interface DiskWords {
  name: string;
  /** Id of the job that brings it; of none where it is only looked at. */
  jobId: string;
  /** A login for a site that fetches by itself. */
  pull(): Promise<PullAccess>;
}

export interface DistributionPorts {
  db: Db;
  jobs: Jobs;
  events: Events;
  log: Log;
  audit(record: AuditedChange): void;
  sites: Pick<SiteRegistry, 'standing' | 'stackHost' | 'stackHostOpened' | 'workloadSite' | 'workloadOpened'>;
  edges: Pick<Edges, 'list' | 'get' | 'check' | 'registryOf' | 'measured'>;
  sync: Pick<Sync, 'release' | 'releases'>;
  registries: Pick<RoomRegistries, 'of' | 'pullAccess' | 'revokePull' | 'pullHolders'>;
  copyArtifact: typeof copyArtifact;
  /** A disk image as sites take it. @throws Problem; RegistryError */
  diskSource(place: DiskPlace, words: DiskWords, call: Call): Promise<DiskSource>;
  /** What of a release runs at an edge, or is being brought up there. */
  running(at: { releaseId: string; siteId: string }): { id: string; name: string }[];
  /** How long an edge's registry that does not answer is waited for, in milliseconds; 30,000. */
  registryPatienceMs?: number | undefined;
  /** Milliseconds since 1970. */
  now?: (() => number) | undefined;
}

/** How long an edge may take to say what it holds, in milliseconds. */
export const askWithin = 10_000;
