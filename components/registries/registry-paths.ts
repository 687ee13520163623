import type { RegistryRole } from '@/server/registries/schemas';

/** The page of what a role's registry holds. */
export function registryHref(role: RegistryRole): string {
  return `/registries/${role}`;
}

/**
 * The page of one repository.
 *
 * @param name whole, with the role's prefix; nothing in such a name needs to be escaped in an address
 */
export function repositoryHref(role: RegistryRole, name: string): string {
  return `${registryHref(role)}/${name}`;
}

/** The page that changes a role's registry. */
export function editRegistryHref(role: RegistryRole): string {
  return `/admin/registries/${role}`;
}
