import { z } from 'zod';
import type { ProblemReport } from '../problem';
import { dockerLogin, type DockerLogin } from './docker/login';
import { edgeyardLogin, type EdgeyardLogin } from './edgeyard/login';
import { kubernetesLogin, type KubernetesLogin } from './kubernetes/login';
import { openStackLogin, type OpenStackLogin } from './openstack/login';
import type { Capability } from './capabilities';
import { siteKinds, type SiteKind } from './site';
import { lightFields } from '../light-schema';
import { reportSchema } from '../problem-schema';

// Forms are built on them.
export {
  dockerLogin,
  edgeyardLogin,
  kubernetesLogin,
  type DockerLogin,
  type EdgeyardLogin,
  type KubernetesLogin,
};

/** What the VMs or containers of a site are for: trying an app out, or running it. */
export const sitePurposes = ['sandbox', 'edge'] as const;
export type SitePurpose = (typeof sitePurposes)[number];

/** How a site stands; one that is not `ready` has a problem or is being opened. */
export const siteStates = ['ready', 'opening', 'unavailable', 'disabled'] as const;
export type SiteState = (typeof siteStates)[number];

/** Kinds that an administrator can add; the embedded QEMU site is set in edgeyard.yaml. */
export const configurableKinds = [
  'openstack',
  'kubernetes',
  'docker',
  'edgeyard',
] as const satisfies readonly SiteKind[];
export type ConfigurableKind = (typeof configurableKinds)[number];

/** What each kind asks for, without its secret. */
export const loginSchemas = {
  openstack: openStackLogin,
  kubernetes: kubernetesLogin,
  docker: dockerLogin,
  edgeyard: edgeyardLogin,
} as const satisfies Record<ConfigurableKind, z.ZodType>;

/** What a site of each kind is set up with, without its secret. */
export interface SiteConfigs {
  openstack: OpenStackLogin;
  kubernetes: KubernetesLogin;
  docker: DockerLogin;
  edgeyard: EdgeyardLogin;
}
export type SiteConfig = SiteConfigs[ConfigurableKind];

/** What sites of a kind run: the others cannot be chosen for it. */
export const runnables = ['vms', 'containers'] as const;
export type Runnable = (typeof runnables)[number];

// Their required fields differ, so that only one of them takes a given config.
const anyLogin = z.union([openStackLogin, kubernetesLogin, dockerLogin, edgeyardLogin]);

const name = z.string().trim().min(1, 'sites.errors.nameMissing').max(80, 'sites.errors.nameTooLong');
/** A password, a token, a private key, or what the kind's login says. */
const secret = z.string().min(1, 'sites.errors.secretMissing').max(50_000);

/** A site as everybody who makes VMs or runs containers sees it. */
export interface SiteView {
  id: string;
  kind: SiteKind;
  name: string;
  runs: Runnable;
  purpose: SitePurpose;
  capabilities: Capability[];
  state: SiteState;
  /** Why it is unavailable, or why it was not at the last try. */
  problem: ProblemReport | undefined;
  /** When the state was entered, milliseconds since 1970. */
  since: number;
}

/** A site as administrators see it; its secret never leaves the server. `config` is undefined for a built-in site. */
export type SiteRow = { [K in ConfigurableKind]: SiteRowOf<K> }[ConfigurableKind] | BuiltInRow;

interface SiteRowOf<K extends ConfigurableKind> extends SiteRowBase {
  kind: K;
  config: SiteConfigs[K] | undefined;
}

interface BuiltInRow extends SiteRowBase {
  kind: Exclude<SiteKind, ConfigurableKind>;
  config: undefined;
}

interface SiteRowBase extends SiteView {
  /** Set in edgeyard.yaml; not to be changed here. */
  builtIn: boolean;
  hasSecret: boolean;
  /** VMs, deployments and workloads of ours on it. */
  uses: number;
  /** Milliseconds since 1970; undefined for a built-in site. */
  createdAt: number | undefined;
  updatedAt: number | undefined;
}

/** {@link SiteView} for descriptions of the API. */
export const siteViewSchema = z.object({
  id: z.string(),
  kind: z.enum(siteKinds),
  name: z.string(),
  runs: z.enum(runnables).describe('What can be run there'),
  purpose: z.enum(sitePurposes),
  capabilities: z.array(z.string()).describe('What the site can do beside running VMs or containers'),
  state: z.enum(siteStates),
  problem: reportSchema.optional().describe('Why it is unavailable'),
  since: z.number().describe('When the state was entered, milliseconds since 1970'),
});

/** {@link SiteRow} for descriptions of the API. */
export const siteRowSchema = siteViewSchema.extend({
  builtIn: z.boolean().describe('Set in edgeyard.yaml; not to be changed here'),
  config: anyLogin.optional(),
  hasSecret: z.boolean(),
  uses: z.int().describe('VMs, deployments and workloads of ours on it'),
  createdAt: z.number().optional(),
  updatedAt: z.number().optional(),
});

const created = { name, purpose: z.enum(sitePurposes).default('sandbox') };
export const createCloudSchema = z.object({
  kind: z.literal('openstack'),
  ...created,
  config: openStackLogin,
  secret,
});
export const createSiteSchema = z.discriminatedUnion('kind', [
  createCloudSchema,
  z.object({ kind: z.literal('kubernetes'), ...created, config: kubernetesLogin, secret }),
  // A socket of this machine, or a port that asks for no certificate, needs none.
  z.object({ kind: z.literal('docker'), ...created, config: dockerLogin, secret: secret.optional() }),
  z.object({ kind: z.literal('edgeyard'), ...created, config: edgeyardLogin, secret }),
]);
export type CreateCloudInput = z.infer<typeof createCloudSchema>;
export type CreateSiteInput = z.infer<typeof createSiteSchema>;

/** What is absent stays as it is. */
export const updateSiteSchema = z.object({
  name: name.optional(),
  purpose: z.enum(sitePurposes).optional(),
  enabled: z.boolean().optional(),
  /** Of the site's own kind. */
  config: anyLogin.optional(),
  secret: secret.optional(),
});
export type UpdateSiteInput = z.infer<typeof updateSiteSchema>;

/** A form to be tried before it is saved; with `siteId` and no secret, the site's stored one is used. */
const tried = { siteId: z.string().max(64).optional(), secret: secret.optional() };
export const examineSiteSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('openstack'), ...tried, config: openStackLogin }),
  z.object({ kind: z.literal('kubernetes'), ...tried, config: kubernetesLogin }),
  z.object({ kind: z.literal('docker'), ...tried, config: dockerLogin }),
  z.object({ kind: z.literal('edgeyard'), ...tried, config: edgeyardLogin }),
]);
export type ExamineSiteInput = z.infer<typeof examineSiteSchema>;

/** Services of a cloud that are looked at apart. */
export const cloudServices = [
  'identity',
  'compute',
  'image',
  'network',
  'orchestration',
  'placement',
] as const;

/** What a test of the connection to a cloud, a cluster, a Docker host and another Edgeyard looks at, each in order. */
export const cloudLights = ['dns', 'tcp', 'tls', 'login', 'catalogue', ...cloudServices, 'quota'] as const;
export const kubernetesLights = ['dns', 'tcp', 'tls', 'login', 'version', 'rights', 'nodes'] as const;
export const dockerLights = [
  'socket',
  'dns',
  'tcp',
  'tls',
  'ssh',
  'version',
  'containers',
  'images',
  'disk',
] as const;
export const edgeyardLights = ['dns', 'tcp', 'tls', 'login', 'version', 'rights'] as const;
export const lightNames = [
  ...new Set([...cloudLights, ...kubernetesLights, ...dockerLights, ...edgeyardLights]),
] as [LightName, ...LightName[]];
export type LightName =
  | (typeof cloudLights)[number]
  | (typeof kubernetesLights)[number]
  | (typeof dockerLights)[number]
  | (typeof edgeyardLights)[number];

export const lightSchema = z.object({
  light: z.enum(lightNames),
  ...lightFields,
  hostKey: z.string().optional().describe('Key the SSH server showed, as `SHA256:…`; fits into `hostKey`'),
});
export type Light = z.infer<typeof lightSchema>;

/** What a file of logins could not tell, so that the person is asked. */
export const missingParts = ['secret', 'ca', 'userName', 'projectName', 'credentialId'] as const;
export type MissingPart = (typeof missingParts)[number];

/** Longest text of logins, in characters. */
export const maxImportLength = 200_000;
/** Kinds whose users have a file of logins. */
export const importableKinds = ['openstack', 'kubernetes'] as const satisfies readonly ConfigurableKind[];
export type ImportableKind = (typeof importableKinds)[number];
export const importLoginSchema = z.object({
  kind: z.enum(importableKinds).default('openstack'),
  text: z.string().max(maxImportLength),
});

const imported = {
  name: z.string(),
  /** Goes back only to who has just sent it. */
  secret: z.string().optional(),
  missing: z.array(z.enum(missingParts)),
};
const importedOpenStackLogin = z.object({
  kind: z.literal('openstack'),
  ...imported,
  login: openStackLogin,
});
const importedKubernetesLogin = z.object({
  kind: z.literal('kubernetes'),
  ...imported,
  login: kubernetesLogin,
  /** The context the file uses when none is named. */
  current: z.boolean(),
});
/** A login out of clouds.yaml or an openrc, or a context of a kubeconfig. */
export const importedLoginSchema = z.discriminatedUnion('kind', [
  importedOpenStackLogin,
  importedKubernetesLogin,
]);
export type ImportedOpenStackLogin = z.infer<typeof importedOpenStackLogin>;
export type ImportedKubernetesLogin = z.infer<typeof importedKubernetesLogin>;
export type ImportedLogin = z.infer<typeof importedLoginSchema>;
