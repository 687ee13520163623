import type { AuditedChange, SecretsPort } from '../access/ports';
import type { Actor } from '../access/actor';
import type { Db } from '../db/database';
import type { Events } from '../jobs/events';
import type { Jobs } from '../jobs/job';
import type { Log } from '../log';
import type { SiteRegistry } from '../sites/registry';
import type { Belonging } from './model';

/** What the workbench needs from the rest of the house. */
export interface WorkbenchPorts {
  db: Db;
  jobs: Jobs;
  events: Events;
  log: Log;
  sites: SiteRegistry;
  secrets: SecretsPort;
  audit(record: AuditedChange): void;
  /** Whether the actor may make VMs from an image; a site itself shows all it has. */
  mayUseImage: (actor: Actor, imageId: string) => boolean;
  users: {
    /** Display name; undefined for a user that is gone. */
    nameOf(userId: string): string | undefined;
    /** An active user by e-mail address or name. */
    find(nameOrEmail: string): { id: string; name: string } | undefined;
  };
  /** Milliseconds since 1970. */
  now?: (() => number) | undefined;
}

/** What another room keeps for a project, and how it goes with it. */
export interface BelongingsKeeper {
  list(projectId: string): Belonging[];
  /** Removes one; one that is gone is fine. */
  remove(belonging: Belonging, signal: AbortSignal): Promise<void>;
  /**
   * Called when the project is gone and nothing new can come: removes what is not listed, and what came since it was.
   * Called again after a crash.
   */
  forget?(projectId: string, signal: AbortSignal): Promise<void>;
}
