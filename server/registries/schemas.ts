/** Inputs and outputs of the registries room, for tRPC, REST and the pages. */
import { z } from 'zod';

/** What a registry is for: each room keeps its images in one of its own. */
export const registryRoles = ['workbench', 'store', 'operations'] as const;
export type RegistryRole = (typeof registryRoles)[number];

/** What a test of the connection looks at, in order. */
export const registryLightNames = ['dns', 'tcp', 'tls', 'login', 'api', 'push'] as const;
export type RegistryLightName = (typeof registryLightNames)[number];
