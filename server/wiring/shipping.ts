/** What runs elsewhere: operations with its edges, and container projects with their test deployments. */
import { sendArchive } from '../containers/archive/send-archive';
import { openContainers, type Containers } from '../containers/containers';
import { defaultValues, objectsOf } from '../containers/text/text-files';
import { copyArtifact } from '../oci/copy-artifact';
import { openRegistry } from '../oci/open-registry';
import { openOperations, type Operations } from '../operations/operations';
import { storeSources } from '../store-sources/open-source';
import { openForeign, packagesNaming, reachRule, targetsOf } from './container-ports';
import type { Ground } from './ground';
import { projectsForPackages } from './package-ports';
import type { Places } from './places';
import type { Shelf } from './shelf';
import type { Workshop } from './workshop';

/** Opens the operations room; the store of this Edgeyard is one of the stores it syncs from. */
export function openOperationsRoom(
  { ports, dir }: Ground,
  { registries, images, sites }: Places,
  { workbench }: Workshop,
  { packages, store }: Shelf,
): Operations {
  return openOperations({
    ...ports,
    sites: sites.registry,
    packages,
    projects: projectsForPackages(workbench),
    imageByDigest: (actor, digest) => images.usable(actor, digest),
    registries,
    siteRoom: sites,
    openRegistry,
    copyArtifact,
    sendArchive,
    diskSource: (place, words, call) => images.diskSource(place, words, call),
    dir: dir('operations'),
    texts: { values: defaultValues, objects: objectsOf },
    openSource: storeSources(store, registries),
  });
}

/** Opens the containers room; its images are kept while a package or a deployment names them. */
export function openContainersRoom(
  { config, ports }: Ground,
  { registries, sites }: Places,
  { workbench }: Workshop,
  { packages }: Shelf,
): Containers {
  const { allowPrivateUrls } = config.images;
  const containers = openContainers({
    ...ports,
    registries,
    openRegistry: openForeign(registries, allowPrivateUrls),
    copyArtifact,
    mayReach: reachRule(registries, allowPrivateUrls),
    canSee: (actor, projectId) => workbench.canSee(actor, projectId),
    isContainerProject: (projectId) => workbench.kindOf(projectId) === 'container',
    usesOf: (digest) => packagesNaming(packages, digest),
    sites: sites.registry,
    targets: () => targetsOf(sites),
  });
  registries.usedBy((role, _repository, digest) => (role === 'workbench' ? containers.usesOf(digest) : []));
  return containers;
}
