/** All rooms of the running process, as the API layers see them. */
import type { Access } from './access/access';
import type { Config } from './config';
import type { Containers } from './containers/containers';
import type { Db } from './db/database';
import type { Images } from './images/images';
import type { Events } from './jobs/events';
import type { Jobs } from './jobs/job';
import type { Log } from './log';
import type { Operations } from './operations/operations';
import type { Packages } from './packages/packages';
import type { Registries } from './registries/registries';
import type { HostedStacks } from './sites/hosted-stacks';
import type { Sites } from './sites/sites';
import type { Store } from './store/store';
import type { Capture } from './workbench/capture';
import type { Consoles } from './workbench/console';
import type { Guest } from './workbench/guest/guest';
import type { Workbench } from './workbench/workbench';

export interface House {
  config: Config;
  log: Log;
  db: Db;
  events: Events;
  jobs: Jobs;
  access: Access;
  registries: Registries;
  sites: Sites;
  hostedStacks: HostedStacks;
  images: Images;
  containers: Containers;
  workbench: Workbench;
  consoles: Consoles;
  capture: Capture;
  guest: Guest;
  packages: Packages;
  store: Store;
  operations: Operations;
}

// Next bundles the pages apart from the server, so modules exist twice in one process; what both must share hangs
// on globalThis under a registered symbol.
const slot = Symbol.for('edgeyard.house');
const holder = globalThis as { [slot]?: House };

/** Makes the house known to the pages of this process. */
export function setHouse(house: House): void {
  holder[slot] = house;
}

/** @throws Error before the server has started, for example while Next builds pages ahead of time */
export function houseOf(): House {
  const house = holder[slot];
  if (!house) throw new Error('The house is not built yet: pages that need data must be dynamic.');
  return house;
}
