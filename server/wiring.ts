/** The only file that knows every adapter: builds the rooms from the configuration and opens them. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { imagesOfProject, packagesOfProject } from './belongings';
import { openAccess, type Access } from './access/access';
import type { RawRoute } from './api/raw-route';
import type { Config } from './config';
import { openForeign, packagesNaming, reachRule, targetsOf } from './container-ports';
import { openContainers, type Containers } from './containers/containers';
import { defaultValues, objectsOf } from './containers/text/text-files';
import { openDatabase } from './db/database';
import type { House } from './house';
import { imageSource, readerOf, visibleRepositories } from './workbench-images';
import { openDisk } from './images/artifact/open-disk';
import { openImages } from './images/images';
import { openEvents } from './jobs/events';
import { openJobs } from './jobs/jobs';
import type { Log } from './log';
import type { Distributions } from './operations/distribution/distribution';
import type { Edges } from './operations/edges/edges';
import { openOperations, type Operations } from './operations/operations';
import type { Sync } from './operations/sync/sync';
import { imagesForPackages, projectsForPackages } from './package-ports';
import { openPackages } from './packages/packages';
import { plays } from './rooms';
import { builtInGuests, probeKernel } from './sites/qemu/guests/guests';
import { openQemuSite } from './sites/qemu/qemu-site';
import { copyArtifact } from './oci/copy-artifact';
import { openRegistry } from './oci/open-registry';
import { openRegistries } from './registries/open-registries';
import { dockerKind } from './sites/docker/kind';
import { edgeyardKind } from './sites/edgeyard/kind';
import { kubernetesKind } from './sites/kubernetes/kind';
import { openStackKind } from './sites/openstack/kind';
import { openHostedStacks } from './sites/hosted-stacks';
import { openSites, type Sites } from './sites/sites';
import { openStore } from './store/store';
import { storeSources } from './store-sources/open-source';
import { openCapture } from './workbench/capture';
import { openConsoles } from './workbench/console';
import { openGuest } from './workbench/guest/guest';
import { openWorkbench, type Workbench } from './workbench/workbench';

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
  const dir = (name: string) => {
    const path = join(config.dataDir, name);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  };
  const runsHere = plays(config.rooms, ['workbench', 'operations']);
  const db = openDatabase(join(config.dataDir, 'edgeyard.sqlite'), resolve('drizzle'));
  const events = openEvents();
  const jobs = openJobs({ db, events, log });
  const access = openAccess({ db, config, events, log });
  const audit = (entry: Parameters<Access['audit']['record']>[0]) => {
    access.audit.record(entry);
  };

  const registries = openRegistries({
    db,
    dir: dir('registry'),
    jobs,
    events,
    log,
    secrets: access.secrets,
    audit,
    config: config.registries,
    actorOf: (token) => access.tokens.actorOf(token),
    visibleTo: (actor) => visibleRepositories(actor, built(later.workbench), images),
    openRegistry,
    copyArtifact,
  });

  // Sites take their images from the images room, which boots images on sites and asks the workbench who may see
  // what; the later rooms are reached through functions.
  const later: {
    sites?: Sites;
    workbench?: Workbench;
    containers?: Containers;
    operations?: Operations;
    edges?: Edges;
    sync?: Sync;
    distributions?: Distributions;
  } = {};
  const built = <Room>(room: Room | undefined): Room => {
    if (!room) throw new Error('A room was asked before it was built.');
    return room;
  };
  const images = openImages({
    db,
    dir: dir('images'),
    jobs,
    events,
    log,
    audit,
    canSee: (actor, projectId) => built(later.workbench).canSee(actor, projectId),
    usesOf: (imageId) => [
      ...built(later.workbench)
        .vmsFrom(imageId)
        .map(({ id, name, projectId }) => ({ kind: 'vm' as const, id, name, projectId })),
      ...qemu.stacks
        .madeFrom(imageId)
        .map(({ ref, name }) => ({ kind: 'stack' as const, id: ref, name, projectId: '' })),
    ],
    sites: () => built(later.sites).registry,
    registries,
    openRegistry,
    secrets: access.secrets,
    allowPrivateUrls: config.images.allowPrivateUrls,
    bootTestSeconds: config.images.bootTestSeconds,
  });
  registries.usedBy(images.artifactUses);
  const qemu = openQemuSite({
    id: 'local',
    name: config.qemu.name,
    dir: dir('vms'),
    library: images.library,
    limits: config.qemu,
    forwardsAt: config.qemu.forwardsAt,
    kernel: probeKernel(config.guestsDir),
    disks: {
      held: (digests) => images.heldArtifacts(digests),
      drop: (digest) => images.dropTaken(digest),
    },
    log,
  });
  const siteRoom = openSites({
    db,
    events,
    log,
    audit,
    secrets: access.secrets,
    // A store alone runs no VMs, and looks for no QEMU.
    builtIn: runsHere ? [qemu] : [],
    builtInPurpose: config.qemu.purpose,
    kinds: {
      openstack: openStackKind({ library: images.library, log }),
      kubernetes: kubernetesKind({ log }),
      docker: dockerKind({ log }),
      edgeyard: edgeyardKind(),
    },
    usesOf: (siteId) => [
      ...built(later.workbench)
        .vmsAt(siteId)
        .map(({ id, name }) => ({ kind: 'vm' as const, id, name })),
      ...built(later.operations)
        .deployments.at(siteId)
        .map(({ id, name }) => ({ kind: 'stack' as const, id, name })),
      ...built(later.containers)
        .deployments.at(siteId)
        .map(({ id, name }) => ({ kind: 'workload' as const, id, name })),
    ],
    forgetAt: (siteId) => [
      ...built(later.workbench)
        .forgetAt(siteId)
        .map((vm) => ({ kind: 'vm' as const, ...vm })),
      ...built(later.operations)
        .deployments.forgetAt(siteId)
        .map((stack) => ({ kind: 'stack' as const, ...stack })),
      ...built(later.containers)
        .deployments.forgetAt(siteId)
        .map((workload) => ({ kind: 'workload' as const, ...workload })),
    ],
  });
  later.sites = siteRoom;
  const sites = siteRoom.registry;

  const workbench = openWorkbench({
    db,
    jobs,
    events,
    log,
    sites,
    secrets: access.secrets,
    audit,
    mayUseImage: (actor, imageId) => images.mayUse(actor, imageId),
    users: {
      nameOf: (userId) => access.users.get(userId)?.name,
      find: (nameOrEmail) =>
        access.users
          .list()
          .find(
            ({ name, email, disabled }) =>
              !disabled && (name === nameOrEmail || email === nameOrEmail.toLowerCase()),
          ),
    },
  });
  later.workbench = workbench;

  const vmFor: Workbench['requireVm'] = (actor, vmId) => workbench.requireVm(actor, vmId);
  const capture = openCapture({
    db,
    jobs,
    sites,
    images,
    audit,
    requireVm: vmFor,
    vmById: (vmId) => workbench.vmById(vmId),
    hold: (vmId, jobId) => workbench.vms.hold(vmId, jobId),
    release: (vmId) => workbench.vms.release(vmId),
    guestAccess: (vmId) => workbench.guestAccess(vmId),
  });
  const guest = openGuest({
    db,
    jobs,
    events,
    log,
    sites,
    secrets: access.secrets,
    audit,
    vmFor,
    vmById: (vmId) => workbench.vmById(vmId),
    requireProject: (actor, projectId) => {
      workbench.requireProject(actor, projectId);
    },
    guestAccess: (vmId) => workbench.guestAccess(vmId),
  });
  workbench.onVmCreated((vm, actorId) => {
    guest.tools.installChosen(vm.id, vm.toolIds, actorId);
  });
  workbench.keepWith(images.belongings);
  workbench.onVmDeleted((vmId) => {
    guest.forget(vmId);
  });

  const packages = openPackages({
    db,
    dir: dir('packages'),
    jobs,
    events,
    log,
    images: imagesForPackages(images),
    containers: { facts: (actor, projectId) => built(later.containers).packageFacts(actor, projectId) },
    projects: projectsForPackages(workbench),
    audit: { record: audit },
  });
  const store = openStore({
    db,
    dir: dir('store'),
    jobs,
    events,
    log,
    packages,
    projects: projectsForPackages(workbench),
    images: imagesForPackages(images),
    registries,
    openDisk: (at) => openDisk(at),
    sourceOf: imageSource(
      (userId) => readerOf(access, userId),
      () => built(later.containers),
      images,
    ),
    audit: { record: audit },
  });
  registries.usedBy((role, repository, digest) =>
    role === 'store' ? store.imageUses(repository, digest) : [],
  );
  const operations = openOperations({
    db,
    jobs,
    events,
    log,
    audit,
    secrets: access.secrets,
    sites,
    packages,
    projects: projectsForPackages(workbench),
    imageByDigest: (actor, digest) => images.usable(actor, digest),
    registries,
    siteRoom,
    openRegistry,
    edges: () => built(later.edges),
    sync: () => built(later.sync),
    distributions: () => built(later.distributions),
    copyArtifact,
    diskSource: (place, words, call) => images.diskSource(place, words, call),
    dir: dir('operations'),
    texts: { values: defaultValues, objects: objectsOf },
    openSource: storeSources(store, registries),
  });
  later.operations = operations;
  later.sync = operations.sync;
  later.edges = operations.edges;
  later.distributions = operations.distributions;
  const containers = openContainers({
    db,
    jobs,
    events,
    log,
    audit,
    secrets: access.secrets,
    registries,
    openRegistry: openForeign(registries, config.images.allowPrivateUrls),
    copyArtifact,
    mayReach: reachRule(registries, config.images.allowPrivateUrls),
    canSee: (actor, projectId) => workbench.canSee(actor, projectId),
    isContainerProject: (projectId) => workbench.kindOf(projectId) === 'container',
    usesOf: (digest) => packagesNaming(packages, digest),
    sites,
    targets: () => targetsOf(siteRoom),
  });
  later.containers = containers;
  registries.usedBy((role, _repository, digest) => (role === 'workbench' ? containers.usesOf(digest) : []));
  workbench.keepWith(packagesOfProject(packages));
  workbench.keepWith(imagesOfProject(images));
  workbench.keepWith(containers.belongings);
  const consoles = openConsoles({
    vmFor: (actor, vmId) => {
      // VMs of deployments are named `<deployment>.<resource>`; no id of ours has a dot.
      const dot = vmId.indexOf('.');
      if (dot === -1) return vmFor(actor, vmId);
      return operations.deployments.vmOf(actor, vmId.slice(0, dot), vmId.slice(dot + 1));
    },
    sites,
    events,
  });

  const house: House = {
    config,
    log,
    db,
    events,
    jobs,
    access,
    registries,
    sites: siteRoom,
    hostedStacks: openHostedStacks({
      sites,
      siteId: qemu.id,
      mayUseImage: (actor, imageId) => images.mayUse(actor, imageId),
      audit,
    }),
    images,
    containers,
    workbench,
    guest,
    consoles,
    capture,
    packages,
    store,
    operations,
  };
  const starting = new AbortController();
  if (runsHere) await images.importBuiltIn(builtInGuests(config.guestsDir), starting.signal);
  await siteRoom.open();
  await workbench.open();
  await packages.open();
  await store.open();
  await containers.open();
  if (plays(config.rooms, ['operations'])) operations.edges.open();
  if (plays(config.rooms, ['operations'])) await operations.sync.open();
  if (plays(config.rooms, ['operations'])) operations.distributions.open();
  guest.open();

  return {
    house,
    rawRoutes: [
      ...registries.rawRoutes,
      ...images.rawRoutes,
      ...containers.rawRoutes,
      ...guest.rawRoutes,
      ...packages.rawRoutes,
      ...store.rawRoutes,
    ],
    close: async () => {
      starting.abort();
      await jobs.stop();
      await registries.close();
      await guest.close();
      workbench.close();
      images.close();
      containers.close();
      operations.deployments.close();
      await operations.edges.close();
      await operations.sync.close();
      await siteRoom.close();
      db.$client.close();
    },
  };
}
