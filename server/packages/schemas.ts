/** Inputs and outputs of the packages room, for tRPC, REST and the pages. */
import { z } from 'zod';
import { paramsSchema, reportSchema } from '../problem-schema';

export const packageStates = ['uploading', 'building', 'checking', 'ready', 'failed'] as const;
export type PackageState = (typeof packageStates)[number];

/** Whether every file's hash is the one the manifest states. */
export const verifications = ['verified', 'unverified'] as const;
export type Verification = (typeof verifications)[number];

/** `embedded`: the image is inside; `reference`: only its digest is. */
export const imageModes = ['embedded', 'reference'] as const;
export type ImageMode = (typeof imageModes)[number];

export const packageOrigins = ['built', 'uploaded'] as const;
export type PackageOrigin = (typeof packageOrigins)[number];

export const severities = ['error', 'warning', 'note'] as const;
export type Severity = (typeof severities)[number];

/** A version as it stands in file names, TOSCA and tags. */
export const packageVersion = z
  .string()
  .trim()
  .min(1)
  .max(40)
  .regex(/^[0-9A-Za-z](?:[0-9A-Za-z.+_-]*[0-9A-Za-z])?$/);

export const buildInput = z.object({
  version: packageVersion,
  images: z.enum(imageModes).default('embedded'),
  /** Disk images to pack, instead of those the project's VMs were made from. VM name to image id. */
  imageOfVm: z.record(z.string().max(64), z.string().max(64)).default({}),
  changeLog: z.string().trim().max(20_000).default(''),
});
export type BuildInput = z.input<typeof buildInput>;

/** One remark of the lint. */
export const finding = z.object({
  severity: z.enum(severities),
  /** Path inside the package; empty for the package as a whole. */
  file: z.string(),
  /** Line in that file, from 1; null where no line is meant. */
  line: z.number().nullable(),
  /** Message key suffix: `packages.rules.<rule>` says it in words. */
  rule: z.string(),
  params: paramsSchema,
});
export type Finding = z.infer<typeof finding>;

/** One file of a package. Files of the nested APPD archive stand under its path and `!/`. */
export const packageFile = z.object({
  path: z.string(),
  /** Bytes, unpacked. */
  size: z.number(),
  /** SHA-256 of its bytes in hex; null for files of a nested archive. */
  sha256: z.string().nullable(),
  /** How the manifest's hash compares; null where the manifest need not name it. */
  hash: z.enum(['match', 'mismatch', 'unlisted']).nullable(),
});
export type PackageFile = z.infer<typeof packageFile>;

/** A disk or container image a package names (SwImageDesc.json). */
export const packageImage = z.object({
  name: z.string(),
  version: z.string(),
  mode: z.enum(imageModes),
  /** `sha256:…`; null in foreign packages that do not say. */
  digest: z.string().nullable(),
  md5: z.string().nullable(),
  size: z.number().nullable(),
  virtualSize: z.number().nullable(),
  format: z.string(),
  architecture: z.string(),
  os: z.string().nullable(),
  /** Path in the package, registry name, or URL. */
  location: z.string().nullable(),
  /** Media type of what the digest names, and the platforms it runs on (`linux/amd64`); of container images only. */
  mediaType: z.string().nullable(),
  platforms: z.array(z.string()),
});
export type PackageImage = z.infer<typeof packageImage>;

/** A boot that the platform watched: proof that an image runs. */
export const bootProof = z.object({
  id: z.string(),
  siteId: z.string(),
  siteName: z.string(),
  accelerator: z.string().nullable(),
  phase: z.string().nullable(),
  passed: z.boolean(),
  tookMs: z.number(),
  at: z.number(),
  hasScreenshot: z.boolean(),
});
export type BootProof = z.infer<typeof bootProof>;

export const packageActions = ['download', 'publish', 'remove'] as const;
export type PackageAction = (typeof packageActions)[number];

/** A package as lists show it. */
export const packageSummary = z.object({
  id: z.string(),
  /** null for packages that were uploaded outside any project. */
  projectId: z.string().nullable(),
  name: z.string(),
  provider: z.string(),
  version: z.string(),
  kind: z.enum(['vm', 'container']),
  description: z.string(),
  origin: z.enum(packageOrigins),
  state: z.enum(packageStates),
  verification: z.enum(verifications).nullable(),
  error: reportSchema.nullable(),
  /** Bytes of the archive, and `sha256:…` of them; null until it is there. */
  size: z.number().nullable(),
  digest: z.string().nullable(),
  fileName: z.string(),
  findings: z.object({ error: z.number(), warning: z.number(), note: z.number() }),
  images: z.array(packageImage),
  createdAt: z.number(),
  createdBy: z.string(),
  jobId: z.string().nullable(),
  /** Message key of why an action is not possible now; null: it is. */
  refusals: z.record(z.enum(packageActions), z.string().nullable()),
});
export type PackageSummary = z.infer<typeof packageSummary>;

export const packageDetail = packageSummary.extend({
  files: z.array(packageFile),
  remarks: z.array(finding),
});
export type PackageDetail = z.infer<typeof packageDetail>;

/** The beginning of one file, as a page shows it. */
export const filePreview = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), path: z.string(), text: z.string(), truncated: z.boolean() }),
  z.object({ kind: z.literal('image'), path: z.string(), dataUrl: z.string() }),
  z.object({ kind: z.literal('binary'), path: z.string(), size: z.number(), hex: z.string() }),
]);
export type FilePreview = z.infer<typeof filePreview>;

export const packageFilter = z.object({
  projectId: z.string().max(64).optional(),
});
export type PackageFilter = z.infer<typeof packageFilter>;
