import type { AuditedChange, SecretsPort } from '../access/ports';
import type { Actor } from '../access/actor';
import type { Db } from '../db/database';
import type { Events } from '../jobs/events';
import type { Jobs } from '../jobs/job';
import type { Log } from '../log';
import type { Registry, RegistryAccess } from '../oci/oci';
import type { RoomRegistries } from '../registries/registries';
import type { SiteRegistry } from '../sites/registry';
import type { ImageUse } from './schemas';

/** What the images room needs from the rest of the house. */
export interface ImagePorts {
  db: Db;
  /** Absolute path of the folder that holds images, unfinished uploads and pictures of boot tests. */
  dir: string;
  jobs: Jobs;
  events: Events;
  log: Log;
  audit(record: AuditedChange): void;
  /** Whether the actor may see a project. */
  canSee: (actor: Actor, projectId: string) => boolean;
  /** What would break if the image went away. */
  usesOf(imageId: string): ImageUse[];
  /** The sites a boot test may use. A function, since sites take their images from this room and come after it. */
  sites(): SiteRegistry;
  /** The registries: images are kept in the workbench's as well. Absent: images are kept as files only. */
  registries?: Pick<RoomRegistries, 'of'> | undefined;
  /**
   * Opens a registry that somebody named, for images that are taken from it. It connects to no private address, unless an
   * administrator set that registry here, opened the network, or asks (`anywhere`).
   */
  openRegistry(access: RegistryAccess, anywhere: boolean): Registry;
  /** Whether people may have this server ask a host. @throws Problem `forbidden` for one of the private network */
  mayReach(host: string): Promise<void>;
  secrets: SecretsPort;
  /** Whether images may be fetched from addresses that are not public: a test's own server, a company's mirror. */
  allowPrivateUrls: boolean;
  /** How long a boot test waits for a login prompt. */
  bootTestSeconds: number;
  /** Milliseconds since 1970. */
  now?: (() => number) | undefined;
}

/** Paths in the images folder. */
export interface ImageFolders {
  root: string;
  /** Unfinished uploads and downloads. */
  incoming: string;
  /** Files that jobs are working on, named after the job; what no live job owns is removed at start. */
  work: string;
  proofs: string;
}
