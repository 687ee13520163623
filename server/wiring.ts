/** Builds the house from the configuration: with the parts in wiring/, the only file that knows every adapter. */
import type { Config } from './config';
import type { RawRoute } from './content/raw-route';
import type { House } from './house';
import type { Log } from './log';
import type { Operations } from './operations/operations';
import { plays } from './rooms';
import { openHostedStacks } from './sites/hosted-stacks';
import { builtInGuests } from './sites/qemu/guests/guests';
import { keepersOf } from './wiring/belongings';
import { openGround } from './wiring/ground';
import { openLater } from './wiring/later';
import { openPlaces } from './wiring/places';
import { openShelf } from './wiring/shelf';
import { openContainersRoom, openOperationsRoom } from './wiring/shipping';
import { openWorkshop } from './wiring/workshop';
import { openConsoles } from './workbench/console';
import type { Workbench } from './workbench/workbench';

export interface BuiltHouse {
  house: House;
  /** Streams on Node's own sockets, of all rooms. */
  rawRoutes: readonly RawRoute[];
  /** Lets go of everything; virtual machines run on. */
  close: () => Promise<void>;
}

/**
 * Builds the house: opens the database, the rooms, the sites, and takes over the VMs that run.
 *
 * @param config where things are
 * @param log the process's log
 * @throws Error with a message for the administrator when something of the machine or the data folder does not fit
 */
export async function buildHouse(config: Config, log: Log): Promise<BuiltHouse> {
  const ground = openGround(config, log);
  const later = openLater();
  const places = openPlaces(ground, later);
  const workshop = openWorkshop(ground, places);
  later.add({ sites: places.sites, workbench: workshop.workbench });
  const shelf = openShelf(ground, places, workshop, later);
  const operations = openOperationsRoom(ground, places, workshop, shelf);
  const containers = openContainersRoom(ground, places, workshop, shelf);
  later.add({ operations, containers });
  for (const keeper of keepersOf({ images: places.images, packages: shelf.packages, containers }))
    workshop.workbench.keepWith(keeper);

  const { db, events, jobs, audit } = ground.ports;
  const house: House = {
    config,
    log,
    db,
    events,
    jobs,
    access: ground.access,
    registries: places.registries,
    sites: places.sites,
    hostedStacks: openHostedStacks({
      sites: places.sites.registry,
      siteId: places.qemu.id,
      mayUseImage: (actor, imageId) => places.images.mayUse(actor, imageId),
      audit,
    }),
    images: places.images,
    containers,
    ...workshop,
    consoles: openConsoles({
      vmFor: consoleVmOf(workshop.workbench, operations),
      sites: places.sites.registry,
      events,
    }),
    ...shelf,
    operations,
  };
  const starting = new AbortController();
  await openRooms(house, starting.signal);
  const streaming = [
    places.registries,
    places.images,
    containers,
    workshop.guest,
    shelf.packages,
    shelf.store,
  ];
  return {
    house,
    rawRoutes: streaming.flatMap(({ rawRoutes }) => rawRoutes),
    close: async () => {
      starting.abort();
      await closeRooms(house);
    },
  };
}

/** VMs of deployments are named `<deployment>.<resource>`; no id of ours has a dot. */
function consoleVmOf(
  workbench: Workbench,
  operations: Operations,
): Parameters<typeof openConsoles>[0]['vmFor'] {
  return (actor, vmId) => {
    const dot = vmId.indexOf('.');
    if (dot === -1) return workbench.requireVm(actor, vmId);
    return operations.deployments.vmOf(actor, vmId.slice(0, dot), vmId.slice(dot + 1));
  };
}

/** Opens what goes on where an earlier process left off: sites first, then what runs on them. */
async function openRooms(house: House, signal: AbortSignal): Promise<void> {
  const { config, images, operations } = house;
  if (plays(config.rooms, ['workbench', 'operations']))
    await images.importBuiltIn(builtInGuests(config.guestsDir), signal);
  await house.sites.open();
  await house.workbench.open();
  await house.packages.open();
  await house.store.open();
  await house.containers.open();
  if (plays(config.rooms, ['operations'])) {
    operations.edges.open();
    await operations.sync.open();
    operations.distributions.open();
  }
  house.guest.open();
}

/** Lets go of everything: work first, then what it stands on. */
async function closeRooms(house: House): Promise<void> {
  const { operations } = house;
  await house.jobs.stop();
  await house.registries.close();
  await house.guest.close();
  house.workbench.close();
  house.images.close();
  house.containers.close();
  operations.deployments.close();
  operations.distributions.close();
  await operations.edges.close();
  await operations.sync.close();
  await house.sites.close();
  house.db.$client.close();
}
