import type { AuditedChange } from '../access/ports';
import type { Actor } from '../access/actor';
import type { Db } from '../db/database';
import type { Events } from '../jobs/events';
import type { Jobs } from '../jobs/job';
import type { Log } from '../log';
import type { copyArtifact } from '../oci/copy-artifact';
import type { Registry, RegistryAccess } from '../oci/oci';
import type { ImageUse, RoomRegistries } from '../registries/registries';
import type { SiteRegistry } from '../sites/registry';
import type { SecretsPort } from '../access/ports';
import type { DeployTarget } from './schemas';

/** What the containers room needs of the house. */
export interface ContainerPorts {
  db: Db;
  jobs: Jobs;
  events: Events;
  log: Log;
  audit(entry: AuditedChange): void;
  /** Logins for a pull, until its job is over. */
  secrets: SecretsPort;
  registries: Pick<RoomRegistries, 'of' | 'pullAccess' | 'revokePull'>;
  /** A client of somebody else's registry. */
  openRegistry(access: RegistryAccess): Registry;
  copyArtifact: typeof copyArtifact;
  /** Whether people may have this server ask a host. @throws Problem `forbidden` for one of the private network */
  mayReach(host: string): Promise<void>;
  /** Whether the actor sees the project. */
  canSee(actor: Actor, projectId: string): boolean;
  /** Whether the project is made of containers. */
  isContainerProject(projectId: string): boolean;
  /** What other rooms use a manifest for. */
  usesOf(digest: string): ImageUse[];
  sites: Pick<SiteRegistry, 'workloadSites' | 'workloadSite' | 'workloadOpened' | 'onWorkloadSite'>;
  /** Sites that run containers, and what stands against one of them. */
  targets(): DeployTarget[];
  /** How long a chunk waits for one before it that is not on its way, in milliseconds. */
  patienceMs?: number | undefined;
  /** Milliseconds since 1970. */
  now?: (() => number) | undefined;
}
