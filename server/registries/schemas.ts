/** Inputs and outputs of the registries room, for tRPC, REST and the pages. */
import { z } from 'zod';
import { lightFields } from '../light-schema';
import { reportSchema } from '../problem-schema';

/** What a registry is for: each room keeps its images in one of its own. */
export const registryRoles = ['workbench', 'store', 'operations'] as const;
export type RegistryRole = (typeof registryRoles)[number];
export const registryRole = z.enum(registryRoles);

/** What a test of the connection looks at, in order. */
export const registryLightNames = ['dns', 'tcp', 'tls', 'login', 'api', 'push'] as const;
export type RegistryLightName = (typeof registryLightNames)[number];

/** How a registry stands. */
export const registryStates = ['starting', 'ready', 'unavailable'] as const;
export type RegistryState = (typeof registryStates)[number];

const maxSecretLength = 10_000;
const maxCaLength = 200_000;

/** A repository's name, or the part of it that comes before ours (distribution-spec, "name"). */
const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const path = new RegExp(`^${component}(?:/${component})*$`);
export const repositoryName = z.string().max(255).regex(path, 'registries.errors.badName');
export const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'registries.errors.badDigest');

/** The base address: host and port, no path, no login in it. */
const address = z
  .string()
  .trim()
  .max(300)
  .refine((url) => isBaseAddress(url), 'registries.errors.badAddress');

function isBaseAddress(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, pathname, search, hash, username, password } = new URL(url);
  return (
    ['http:', 'https:'].includes(protocol) &&
    pathname === '/' &&
    [search, hash, username, password].join('') === ''
  );
}

/** A registry of somebody else's, without its secret. */
export const externalRegistry = z.object({
  url: address.describe('`https://` or, unencrypted, `http://`; host and port, no path'),
  prefix: z
    .union([z.literal(''), repositoryName])
    .default('')
    .describe('Comes before every repository’s name'),
  ca: z.string().max(maxCaLength).optional().describe('Certificates in PEM, trusted beside the system’s'),
  /** Basic, or the registry's token server: it says itself which it wants. */
  user: z.string().max(256).optional().describe('Absent: nobody in particular'),
  pullUser: z
    .string()
    .max(256)
    .optional()
    .describe('Who may only pull, for the sites; absent: sites pull with the login above'),
});
export type ExternalRegistry = z.infer<typeof externalRegistry>;

/** What a role's registry is set to. */
export const setRegistrySchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('bundled'),
    move: z.boolean().default(true).describe('Copy what is in the present one first, then switch'),
  }),
  z.object({
    kind: z.literal('external'),
    config: externalRegistry,
    password: z
      .string()
      .min(1)
      .max(maxSecretLength)
      .optional()
      .describe('Write-only; absent: the stored one stays, where user and address are the same'),
    pullPassword: z
      .string()
      .min(1)
      .max(maxSecretLength)
      .optional()
      .describe('Of `pullUser`; write-only; absent: the stored one stays, as with `password`'),
    move: z.boolean().default(true).describe('Copy what is in the present one first, then switch'),
  }),
]);
export type SetRegistry = z.input<typeof setRegistrySchema>;

/** A form to be tried before it is saved; without a password the stored one is used, for the same address and user. */
export const examineRegistrySchema = z.object({
  role: registryRole,
  config: externalRegistry.optional().describe('Absent: the registry as it is set now'),
  password: z.string().min(1).max(maxSecretLength).optional(),
});
export type ExamineRegistry = z.input<typeof examineRegistrySchema>;

export const registryLightSchema = z.object({
  light: z.enum(registryLightNames),
  ...lightFields,
});
export type RegistryLight = z.infer<typeof registryLightSchema>;

/** A role's registry as developers see it. */
export const registryViewSchema = z.object({
  role: registryRole,
  kind: z.enum(['bundled', 'external']),
  address: z.string().describe('As others name it: `host:port`'),
  prefix: z.string().describe('Comes before every repository’s name'),
  encrypted: z.boolean(),
  state: z.enum(registryStates),
  problem: reportSchema.optional().describe('Why it does not answer'),
  since: z.number().describe('When the state was entered, milliseconds since 1970'),
});
export type RegistryView = z.infer<typeof registryViewSchema>;

/** The same for administrators. */
export const registryRowSchema = registryViewSchema.extend({
  fromFile: z.boolean().describe('Set in edgeyard.yaml; not to be changed here'),
  config: externalRegistry.optional().describe('Of an external one'),
  login: z.enum(['none', 'password', 'internal']).describe('`internal`: tokens that Edgeyard signs itself'),
  hasSecret: z.boolean(),
  pullsWith: z
    .enum(['own', 'configured'])
    .describe('The login that sites get: one that may only pull, or the one Edgeyard itself uses'),
  bytes: z.number().optional().describe('On disk; the bundled registry only'),
  repositories: z.number().optional().describe('How many; absent while it does not answer'),
  movingTo: externalRegistry.or(z.literal('bundled')).optional().describe('Where a running job moves it to'),
  moveJobId: z.string().optional(),
  leftAt: z.string().optional().describe('Address of the former registry, whose content was not moved'),
});
export type RegistryRow = z.infer<typeof registryRowSchema>;

/** The bundled registry as a whole. */
export const bundledViewSchema = z.object({
  used: z.boolean().describe('Whether any role uses it'),
  state: z.enum(registryStates),
  problem: reportSchema.optional(),
  address: z.string().optional().describe('`host:port` it listens on'),
  version: z.string().optional(),
  pid: z.number().optional(),
  restarts: z.number().describe('How often it had to be started again since Edgeyard started'),
  bytes: z.number().describe('On disk'),
  log: z.array(z.object({ at: z.number(), line: z.string() })).describe('Its last lines'),
  collecting: z.boolean().describe('Garbage is being collected; pushes wait'),
  collectJobId: z.string().optional(),
  lastCollected: z
    .object({
      at: z.number(),
      freed: z.number().describe('Bytes'),
      kept: z.number().describe('Bytes that nothing refers to and that are less than a day old'),
    })
    .optional(),
});
export type BundledView = z.infer<typeof bundledViewSchema>;

const useSchema = z.object({
  kind: z.enum(['image', 'containerImage', 'package', 'release', 'deployment']),
  id: z.string(),
  name: z.string(),
  href: z.string().optional(),
});

export const repositoryViewSchema = z.object({
  name: z.string().describe('With the role’s prefix, as the registry has it'),
  title: z.string().describe('Without the prefix'),
});
export type RepositoryView = z.infer<typeof repositoryViewSchema>;

const platformSchema = z.object({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().optional(),
});

/** A manifest, with what points to it. */
export const artifactViewSchema = z.object({
  digest: z.string(),
  tags: z.array(z.string()),
  mediaType: z.string(),
  artifactType: z.string().optional(),
  kind: z.enum(['image', 'index']),
  size: z.number().describe('Bytes of all its blobs and manifests, each counted once'),
  created: z.number().optional().describe('Milliseconds since 1970, as the image itself says'),
  platforms: z.array(platformSchema),
  layers: z
    .array(z.object({ digest: z.string(), mediaType: z.string(), size: z.number() }))
    .describe('None for an index: its manifests have them'),
  manifests: z.array(
    z.object({
      digest: z.string(),
      mediaType: z.string(),
      size: z.number(),
      platform: platformSchema.optional(),
    }),
  ),
  usedBy: z.array(useSchema),
  pull: z.object({ docker: z.string(), skopeo: z.string() }).describe('Commands, by digest'),
  problem: reportSchema.optional().describe('Why it cannot be read; then only its digest and tags are known'),
});
export type ArtifactView = z.infer<typeof artifactViewSchema>;

export const repositoryDetailSchema = repositoryViewSchema.extend({
  artifacts: z.array(artifactViewSchema).describe('Newest first'),
  tagCount: z.number(),
  more: z.boolean().describe('There are more tags than are shown'),
});
export type RepositoryDetail = z.infer<typeof repositoryDetailSchema>;

export const robotRights = ['pull', 'push'] as const;
export type RobotRight = (typeof robotRights)[number];

/** A login for a machine: what it may do, and where. `*` at the end stands for everything below. */
export const createRobotSchema = z.object({
  name: z
    .string()
    .trim()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, 'registries.errors.robotName'),
  role: registryRole,
  right: z.enum(robotRights),
  repositories: z
    .array(
      z
        .string()
        .max(255)
        .regex(new RegExp(`^(?:\\*|${component}(?:/${component})*(?:/\\*)?)$`), 'registries.errors.badName'),
    )
    .min(1)
    .max(50)
    .default(['*'])
    .describe('Without the role’s prefix; `*`: all of the role'),
  days: z.int().min(1).max(3650).optional().describe('How long it works; absent: until it is revoked'),
});
export type CreateRobot = z.input<typeof createRobotSchema>;

export const robotViewSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** What is typed as user name. */
  user: z.string(),
  role: registryRole,
  right: z.enum(robotRights),
  repositories: z.array(z.string()),
  createdAt: z.number(),
  expiresAt: z.number().optional(),
  lastUsedAt: z.number().optional(),
});
export type RobotView = z.infer<typeof robotViewSchema>;
export const newRobotSchema = robotViewSchema.extend({
  secret: z.string().describe('In this answer and never again'),
});

export const roleInput = z.object({ role: registryRole });
export const repositoryInput = roleInput.extend({ repository: repositoryName });
export const artifactInput = repositoryInput.extend({ digest });
