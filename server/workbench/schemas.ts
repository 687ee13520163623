/** The workbench's inputs, for tRPC and REST alike. */
import { z } from 'zod';
import { maxFileBytes, type SeedFile } from '../sites/seed';
import { powerActions } from './vm-gates';

/** What a project is made of: virtual machines, or container images. */
export const projectKinds = ['vm', 'container'] as const;
export type ProjectKind = (typeof projectKinds)[number];

// The lists of EdgeGallery's application store, in its own words, so that packages carry what its tools expect.
export const architectures = ['X86', 'ARM64', 'ARM32'] as const;
export type Architecture = (typeof architectures)[number];

export const industries = [
  'Smart Park',
  'Smart Supermarket',
  'Industrial Manufacturing',
  'Transportation Logistics',
  'Water Conservancy',
  'Game Competition',
  'Open Source',
  'Other',
] as const;

export const appTypes = [
  'Video Application',
  'Game',
  'Video Surveillance',
  'Safety',
  'Blockchain',
  'Smart Device',
  'Internet of Things',
  'Big Data',
  'AR/VR',
  'API',
  'SDK',
  'MEP',
  'Other',
] as const;

export const iconTypes = ['image/png', 'image/svg+xml', 'image/webp'] as const;
export type IconType = (typeof iconTypes)[number];
/** Bytes of a project's icon at most. */
export const maxIconBytes = 256 * 1024;

/** What a line of a VM's timeline is about. */
export type VmEventKind = 'state' | 'boot' | 'action' | 'problem';

const projectName = z
  .string()
  .trim()
  .min(2)
  .max(60)
  // Becomes file names inside the package and a repository name in a registry.
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u);

export const projectFields = z.object({
  name: projectName,
  version: z
    .string()
    .trim()
    .max(32)
    .regex(/^[0-9A-Za-z][0-9A-Za-z.+_-]*$/),
  provider: z.string().trim().min(1).max(60),
  description: z.string().trim().max(1024),
  readme: z.string().max(100_000),
  industry: z.enum(industries),
  type: z.enum(appTypes),
  architecture: z.enum(architectures),
});
export type ProjectFields = z.infer<typeof projectFields>;

export const iconInput = z.object({
  type: z.enum(iconTypes),
  /** Base64 of the file. */
  data: z.base64().max(Math.ceil(maxIconBytes / 3) * 4),
});
export type IconInput = z.infer<typeof iconInput>;

export const createProjectInput = projectFields
  .extend({ kind: z.enum(projectKinds), icon: iconInput.optional() })
  .partial({ version: true, description: true, readme: true });
export type CreateProjectInput = z.infer<typeof createProjectInput>;

export const updateProjectInput = projectFields
  .partial()
  // null takes the icon away.
  .extend({ icon: iconInput.nullable().optional() });
export type UpdateProjectInput = z.infer<typeof updateProjectInput>;

export const listProjectsInput = z.object({ q: z.string().trim().max(100).optional() });

const port = z.int().min(1).max(65535);

export const portForward = z.object({
  protocol: z.enum(['tcp', 'udp']),
  /** 0 lets the site choose. */
  hostPort: z.union([z.literal(0), port]),
  guestPort: port,
});

export const flavorChoice = z.union([
  z.object({ id: z.string().min(1) }).strict(),
  z
    .object({
      vcpus: z.int().min(1).max(512),
      memoryMiB: z.int().min(16).max(16_777_216),
      diskGiB: z.int().min(1).max(65_536),
    })
    .strict(),
]);

/** One public key as OpenSSH writes it: kind, base64, remark. */
export const sshPublicKey = z
  .string()
  .trim()
  .max(16_384)
  .regex(/^(ssh-(ed25519|rsa)|ecdsa-sha2-nistp\d+|sk-[\w@.-]+) [A-Za-z0-9+/=]+( .*)?$/);

/** A port that others may reach; icmp has none. */
export const openPort = z
  .object({ protocol: z.enum(['tcp', 'udp', 'icmp']), port: port.optional() })
  .refine(({ protocol, port: number }) => (protocol === 'icmp') === (number === undefined));

const address = z.union([z.ipv4(), z.ipv6()]);

/** What only a cloud takes; the texts are those of `CloudWish` in the site port. */
export const cloudWish = z.object({
  moreNetworks: z.array(z.object({ id: z.string().min(1), address: address.optional() })).max(8),
  zone: z.string().max(255).optional(),
  securityGroupIds: z.array(z.string().min(1)).max(16),
  openPorts: z.array(openPort).max(64),
  floatingNetworkId: z.string().min(1).optional(),
});

export const maxUserDataBytes = 16 * 1024;

/** Files of one VM at most, and their bytes together. */
export const maxFiles = 20;
export { maxFileBytes };

/** A file that the guest writes at its first start; readable by all unless `mode` says otherwise. */
export const seedFile = z.object({
  // Simple guests read the seed line by line: no quotes, backslashes or control characters. No `.` or `..` inside.
  path: z
    .string()
    .max(255)
    .regex(/^(\/(?!\.{1,2}(\/|$))[^\p{Cc}"\\/]+)+$/u),
  contentBase64: z.base64(),
  mode: z
    .string()
    .regex(/^0?[0-7]{3}$/)
    .optional(),
});

const seedFiles = z
  .array(seedFile)
  .max(maxFiles)
  .refine(
    (files) => new Set(files.map(({ path }) => path)).size === files.length,
    'workbench.errors.filesTwice',
  )
  .refine((files) => fileBytes(files) <= maxFileBytes, 'workbench.errors.filesTooLarge');

/** Bytes of files together, of their base64. */
export function fileBytes(files: readonly Pick<SeedFile, 'contentBase64'>[]): number {
  return files.reduce((sum, { contentBase64 }) => sum + byteLength(contentBase64), 0);
}

/** Bytes behind a base64 text. */
export function byteLength(base64: string): number {
  return Math.floor((base64.replace(/=+$/, '').length * 3) / 4);
}

export const createVmInput = z.object({
  siteId: z.string().min(1),
  imageId: z.string().min(1),
  flavor: flavorChoice,
  network: z.object({
    id: z.string().min(1),
    /** A fixed address of the first card; chosen by the site when absent. */
    address: address.optional(),
    forwards: z.array(portForward).max(32),
  }),
  cloud: cloudWish.optional(),
  // A host name (RFC 1123): it becomes the guest's.
  name: z
    .string()
    .min(1)
    .max(63)
    .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/),
  /** Further keys beside the project's own. */
  sshKeys: z.array(sshPublicKey).max(20),
  userData: z
    .string()
    .refine((text) => new TextEncoder().encode(text).length <= maxUserDataBytes)
    .refine(
      (text) =>
        text.trim() === '' || /^#(!|cloud-config|cloud-config-archive|cloud-boothook|include)/.test(text),
    )
    .optional(),
  /** At most 32 KiB in all; on a cloud they go on the config drive. */
  files: seedFiles.optional(),
  toolIds: z.array(z.string()).max(50),
});
export type CreateVmInput = z.infer<typeof createVmInput>;

/** What the page knows while the person still chooses. */
export const planVmInput = createVmInput.pick({ siteId: true }).extend({
  imageId: z.string().optional(),
  flavor: flavorChoice.optional(),
  network: z
    .object({ id: z.string(), address: address.optional(), forwards: z.array(portForward).max(32) })
    .optional(),
  cloud: cloudWish.optional(),
  name: z.string().max(63).optional(),
  toolIds: z.array(z.string()).max(50).optional(),
});
export type PlanVmInput = z.infer<typeof planVmInput>;

/** Kinds of fix for a VM that cannot be reached. */
export const mendVmInput = z.object({ fix: z.enum(['openPort', 'floatingIp']) });

export const actVmInput = z.object({
  action: z.enum(powerActions),
  /** How long `stop` waits for the guest before it forces it. */
  graceSeconds: z.int().min(0).max(600).optional(),
});
export type ActVmInput = z.infer<typeof actVmInput>;
