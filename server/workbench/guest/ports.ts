import type { AuditedChange, SecretsPort } from '../../access/ports';
import type { Actor } from '../../access/actor';
import type { Db } from '../../db/database';
import type { Events } from '../../jobs/events';
import type { Jobs } from '../../jobs/job';
import type { Log } from '../../log';
import type { SiteRegistry } from '../../sites/registry';
import type { VmState } from '../vm-gates';
import type { GuestAccess } from './ssh';

/** What files and tools need to know of a VM. */
export interface GuestVm {
  id: string;
  projectId: string;
  name: string;
  siteId: string;
  /** The site's id of the VM; undefined before it was made there. */
  siteRef: string | undefined;
  state: VmState;
}

/** What this part of the workbench needs from the rest. */
export interface GuestPorts {
  db: Db;
  jobs: Jobs;
  events: Events;
  log: Log;
  sites: SiteRegistry;
  secrets: SecretsPort;
  audit(record: AuditedChange): void;
  /** The VM, checked against the actor's rights. @throws Problem `not_found` */
  vmFor(actor: Actor, vmId: string): GuestVm;
  /** The VM for work that the server does by itself; undefined when it is gone. */
  vmById(vmId: string): GuestVm | undefined;
  /** Checks that the actor may use the project. @throws Problem `not_found` */
  requireProject(actor: Actor, projectId: string): void;
  /** How the VM is reached by SSH. @throws Problem when it cannot be */
  guestAccess(vmId: string): Promise<GuestAccess>;
  /** Milliseconds since 1970. */
  now?: (() => number) | undefined;
}
