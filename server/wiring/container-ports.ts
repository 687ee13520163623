import type { MessageKey } from '@/messages/messages';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { system } from '../access/actor';
import type { ContainerPorts } from '../containers/ports';
import type { DeployTarget } from '../containers/schemas';
import { isPublicAddress } from '../images/public-address';
import type { Registry, RegistryAccess } from '../oci/oci';
import { openRegistry } from '../oci/open-registry';
import type { Packages } from '../packages/packages';
import { Problem } from '../problem';
import type { Sites } from '../sites/sites';

/** Sites that run containers, as the containers room offers them. */
export function targetsOf(sites: Sites): DeployTarget[] {
  return sites
    .list()
    .filter(({ runs }) => runs === 'containers')
    .map(({ id, name, kind, problem }) => ({ id, name, kind, problem: problem ?? null }));
}

/**
 * Packages that name a manifest: what they name must stay until they are published or gone.
 *
 * @param digest `sha256:…` of the manifest
 */
export function packagesNaming(packages: Packages, digest: string): ReturnType<ContainerPorts['usesOf']> {
  return packages
    .list(system, {})
    .filter(({ kind }) => kind === 'container')
    .filter(({ id }) => packages.get(system, id).images.some((image) => image.digest === digest))
    .map(({ id, name, version }) => ({
      kind: 'package' as const,
      id,
      name: `${name} ${version}`,
      href: `/packages/${id}`,
    }));
}

/** What an administrator set here and thereby trusts, each as `host:port`. */
export interface KnownAddresses {
  list(): readonly { address: string }[];
}

/**
 * Says which hosts people may have this server ask for images: public ones, and what an administrator set.
 *
 * @param allowPrivate whether the administrator opened the private network to them
 * @param refusal message key of the Problem; it may name `host`
 */
export function reachRule(
  known: KnownAddresses,
  allowPrivate: boolean,
  refusal: MessageKey = 'containers.errors.privateRegistry',
): ContainerPorts['mayReach'] {
  return async (host) => {
    if (allowPrivate || isKnown(known, host)) return;
    const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
    const addresses = isIP(name) === 0 ? await addressesOf(name) : [name];
    if (!addresses.every(isPublicAddress)) {
      throw new Problem('forbidden', refusal, { host });
    }
  };
}

const isKnown = (known: KnownAddresses, host: string) => known.list().some(({ address }) => address === host);

/** Where a name leads; nowhere for one that is not known, which the client then tells in its own words. */
async function addressesOf(name: string): Promise<string[]> {
  try {
    return (await lookup(name, { all: true })).map(({ address }) => address);
  } catch {
    return [];
  }
}

/**
 * Opens clients of registries that people name. What such a registry redirects to, or names as its token server, is
 * kept to what `reachRule` allows as well: it must not become a way into the network this server stands in.
 *
 * @param allowPrivate as for `reachRule`
 * @returns opens one; `anywhere`: for somebody who may let this server ask every host
 */
export function openForeign(
  known: KnownAddresses,
  allowPrivate: boolean,
): (access: RegistryAccess, anywhere?: boolean) => Registry {
  return (access, anywhere = false) => {
    const { host } = new URL(access.url);
    const free = anywhere || allowPrivate || isKnown(known, host);
    return openRegistry(access, free ? {} : { mayConnect: isPublicAddress });
  };
}
