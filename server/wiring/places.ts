/** Where images are kept and where things run: registries, images, sites. */
import { openImages, type Images } from '../images/images';
import { copyArtifact } from '../oci/copy-artifact';
import { openRegistry } from '../oci/open-registry';
import { openRegistries } from '../registries/open-registries';
import { plays } from '../rooms';
import { dockerKind } from '../sites/docker/kind';
import { edgeyardKind } from '../sites/edgeyard/kind';
import { kubernetesKind } from '../sites/kubernetes/kind';
import { openStackKind } from '../sites/openstack/kind';
import { probeKernel } from '../sites/qemu/guests/guests';
import { openQemuSite } from '../sites/qemu/qemu-site';
import { openSites, type Sites } from '../sites/sites';
import { openForeign, reachRule } from './container-ports';
import type { Ground } from './ground';
import { knownAddresses } from './known-addresses';
import type { Later } from './later';
import { visibleRepositories } from './workbench-images';

export interface Places {
  registries: ReturnType<typeof openRegistries>;
  images: Images;
  qemu: ReturnType<typeof openQemuSite>;
  sites: Sites;
}

/**
 * Opens the places. Sites take their images from the images room, which boots images on sites.
 *
 * @param ground what rooms stand on
 * @param later rooms that are built after these
 */
export function openPlaces(ground: Ground, later: Later): Places {
  const { config, ports, dir } = ground;
  const registries = openRegistries({
    ...ports,
    dir: dir('registry'),
    config: config.registries,
    actorOf: (token) => ground.access.tokens.actorOf(token),
    visibleTo: (actor) => visibleRepositories(actor, later.get('workbench'), images),
    openRegistry,
    copyArtifact,
  });
  const { allowPrivateUrls } = config.images;
  const known = knownAddresses({
    registries,
    stores: () => later.get('operations').sync.stores,
    edges: () => later.get('operations').edges,
    sites: () => later.get('sites'),
  });
  const images = openImages({
    ...ports,
    dir: dir('images'),
    canSee: (actor, projectId) => later.get('workbench').canSee(actor, projectId),
    usesOf: (imageId) => [
      ...later
        .get('workbench')
        .vmsFrom(imageId)
        .map(({ id, name, projectId }) => ({ kind: 'vm' as const, id, name, projectId })),
      ...qemu.stacks
        .madeFrom(imageId)
        .map(({ ref, name }) => ({ kind: 'stack' as const, id: ref, name, projectId: '' })),
    ],
    sites: () => later.get('sites').registry,
    registries,
    openRegistry: openForeign(known, allowPrivateUrls),
    mayReach: reachRule(known, allowPrivateUrls, 'images.taken.registryPrivate'),
    allowPrivateUrls,
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
    log: ports.log,
  });
  return { registries, images, qemu, sites: openSiteRoom(ground, later, images, qemu) };
}

function openSiteRoom({ config, ports }: Ground, later: Later, images: Images, qemu: Places['qemu']): Sites {
  const { log } = ports;
  return openSites({
    ...ports,
    // A store alone runs no VMs, and looks for no QEMU.
    builtIn: plays(config.rooms, ['workbench', 'operations']) ? [qemu] : [],
    builtInPurpose: config.qemu.purpose,
    kinds: {
      openstack: openStackKind({ library: images.library, log }),
      kubernetes: kubernetesKind({ log }),
      docker: dockerKind({ log }),
      edgeyard: edgeyardKind(),
    },
    usesOf: (siteId) => [
      ...later
        .get('workbench')
        .vmsAt(siteId)
        .map(({ id, name }) => ({ kind: 'vm' as const, id, name })),
      ...later
        .get('operations')
        .deployments.at(siteId)
        .map(({ id, name }) => ({ kind: 'stack' as const, id, name })),
      ...later
        .get('containers')
        .deployments.at(siteId)
        .map(({ id, name }) => ({ kind: 'workload' as const, id, name })),
    ],
    forgetAt: (siteId) => [
      ...later
        .get('workbench')
        .forgetAt(siteId)
        .map((vm) => ({ kind: 'vm' as const, ...vm })),
      ...later
        .get('operations')
        .deployments.forgetAt(siteId)
        .map((stack) => ({ kind: 'stack' as const, ...stack })),
      ...later
        .get('containers')
        .deployments.forgetAt(siteId)
        .map((workload) => ({ kind: 'workload' as const, ...workload })),
    ],
  });
}
