/** Inputs and outputs of the images room, for tRPC, REST and the pages. */
import { z } from 'zod';
import { digest, externalRegistry, repositoryName } from '../registries/schemas';
import { reportSchema } from '../problem-schema';

export const imageStates = ['uploading', 'checking', 'ready', 'failed'] as const;
export type ImageState = (typeof imageStates)[number];

/** Formats we take in. `raw` has no header to know it by, so it is only ever what the sender says it is. */
export const incomingFormats = ['qcow2', 'raw', 'vmdk', 'vdi', 'vhdx', 'iso'] as const;
export type IncomingFormat = (typeof incomingFormats)[number];

/** What we keep: every disk becomes qcow2, an installation medium stays as it is. */
export const storedFormats = ['qcow2', 'iso'] as const;
export type StoredFormat = (typeof storedFormats)[number];

export const visibilities = ['everyone', 'project', 'owner'] as const;
export type Visibility = (typeof visibilities)[number];

export const architectures = ['x86_64', 'aarch64'] as const;

export const sha256Hex = z
  .string()
  .trim()
  .regex(/^(sha256:)?[0-9a-fA-F]{64}$/)
  .transform((text) => text.toLowerCase().replace('sha256:', ''));

/** Where an image came from. */
export const imageSource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('built-in'), guest: z.string() }),
  z.object({
    kind: z.literal('upload'),
    fileName: z.string(),
    format: z.enum(incomingFormats),
    /** SHA-256 in hex of the file as it came, for its sender to compare; absent until it was read. */
    sha256: z.string().optional(),
  }),
  z.object({
    kind: z.literal('url'),
    url: z.string(),
    sha256: z.string(),
    format: z.enum(incomingFormats),
  }),
  z.object({
    kind: z.literal('capture'),
    vmId: z.string(),
    vmName: z.string(),
    projectId: z.string(),
    projectName: z.string(),
    mode: z.enum(['stop', 'freeze']),
    /** What was cleaned before the copy, in the words of the capture dialog's choices. */
    cleaned: z.array(z.string()),
  }),
  z.object({
    kind: z.literal('registry'),
    /** `host:port`, the repository's whole name there, and the digest of the disk's manifest. */
    address: z.string(),
    repository: z.string(),
    digest: z.string(),
  }),
]);
export type ImageSource = z.infer<typeof imageSource>;

const name = z.string().trim().min(1).max(120);
const description = z.string().trim().max(2000);
const os = z.string().trim().max(60);
/** A Unix account; the SSH keys open it. */
const login = z
  .string()
  .trim()
  .regex(/^[a-z_][a-z0-9_-]{0,31}$/);

/** What a person says about an image that no header tells. */
export const imageFacts = z.object({
  name,
  description: description.default(''),
  os: os.optional(),
  login: login.optional(),
  cloudInit: z.boolean().default(false),
  architecture: z.enum(architectures).default('x86_64'),
  minMemoryMiB: z.number().int().min(16).max(1_048_576).optional(),
  visibility: z.enum(visibilities).default('owner'),
  projectId: z.string().max(64).optional(),
});

export const imageChanges = z.object({
  name: name.optional(),
  description: description.optional(),
  os: os.nullable().optional(),
  login: login.nullable().optional(),
  cloudInit: z.boolean().optional(),
  minMemoryMiB: z.number().int().min(16).max(1_048_576).optional(),
  visibility: z.enum(visibilities).optional(),
});
export type ImageChanges = z.infer<typeof imageChanges>;

export const fetchInput = imageFacts.extend({
  url: z.url({ protocol: /^https?$/ }).max(2000),
  sha256: sha256Hex,
  format: z.enum(incomingFormats),
});
export type FetchInput = z.infer<typeof fetchInput>;

/** A disk image in a registry that is to be held here. */
export const pullDiskInput = externalRegistry.pick({ url: true, ca: true, user: true }).extend({
  password: z.string().min(1).max(10_000).optional().describe('Write-only'),
  repository: repositoryName.describe('Its whole name'),
  digest: digest.describe('Of the disk’s manifest'),
  name: name.describe('What the image is called here'),
});
export type PullDisk = z.infer<typeof pullDiskInput>;

/** What the job `image.take` returns. */
export const takenImage = z.object({
  imageId: z.string(),
  /** Bytes that were fetched, and that images here held already. */
  bytesMoved: z.number(),
  bytesKept: z.number(),
});

export const heldDisksInput = z.object({ digests: z.array(digest).min(1).max(1000) });
/** Images that are here whole, by the digest of their disk's manifest. */
export const heldDisks = z.object({
  images: z.array(z.object({ digest: z.string(), imageId: z.string() })),
});

/** Metadata of a resumable upload (tus `Upload-Metadata`): all values are texts. */
export const uploadMetadata = z.object({
  filename: z.string().min(1).max(255),
  format: z.enum(incomingFormats),
  name,
  description: description.default(''),
  os: os.optional(),
  login: login.optional(),
  cloudInit: z.stringbool().default(false),
  architecture: z.enum(architectures).default('x86_64'),
  visibility: z.enum(visibilities).default('owner'),
  projectId: z.string().max(64).optional(),
  /** SHA-256 in hex of the whole file; checked before anything opens it. */
  checksum: sha256Hex.optional(),
});
export type UploadMetadata = z.infer<typeof uploadMetadata>;

export const imageFilter = z.object({
  search: z.string().trim().max(120).optional(),
  state: z.enum(imageStates).optional(),
  projectId: z.string().max(64).optional(),
  source: z.enum(['built-in', 'upload', 'url', 'capture', 'registry']).optional(),
});
export type ImageFilter = z.infer<typeof imageFilter>;

export const bootTestInput = z.object({
  /** The site to try it on; the first that lists the image when absent. */
  siteId: z.string().max(64).optional(),
});
export type BootTestInput = z.infer<typeof bootTestInput>;

export const bootPhases = ['firmware', 'bootloader', 'kernel', 'userspace', 'login', 'panic'] as const;

/** A boot in a throw-away VM that was watched. */
export const imageProof = z.object({
  id: z.string(),
  siteId: z.string(),
  siteName: z.string(),
  /** How the guest ran, `tcg` say; null where the site does not tell. */
  accelerator: z.string().nullable(),
  /** The last phase seen; null when nothing came. */
  phase: z.enum(bootPhases).nullable(),
  passed: z.boolean(),
  /** Milliseconds from power-on to the last phase. */
  tookMs: z.number(),
  at: z.number(),
  hasScreenshot: z.boolean(),
});
export type ImageProof = z.infer<typeof imageProof>;

export const imageUse = z.object({
  kind: z.enum(['vm', 'package', 'stack']),
  id: z.string(),
  name: z.string(),
  projectId: z.string().describe('Empty for a stack, which is of no project'),
});
export type ImageUse = z.infer<typeof imageUse>;

export const imageActions = ['use', 'download', 'bootTest', 'change', 'remove'] as const;
export type ImageAction = (typeof imageActions)[number];

export const diskImage = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  os: z.string().nullable(),
  login: z.string().nullable(),
  cloudInit: z.boolean(),
  architecture: z.enum(architectures),
  minMemoryMiB: z.number(),
  minDiskGiB: z.number(),
  /** null until it is known. */
  format: z.enum(storedFormats).nullable(),
  /** Bytes stored, and bytes of disk a guest sees. */
  size: z.number(),
  virtualSize: z.number(),
  /** `sha256:…` of the stored file; null until it is ready. */
  digest: z.string().nullable(),
  md5: z.string().nullable(),
  state: z.enum(imageStates),
  error: reportSchema.nullable(),
  source: imageSource,
  visibility: z.enum(visibilities),
  ownerId: z.string().nullable(),
  ownerName: z.string().nullable(),
  projectId: z.string().nullable(),
  /** Bytes before the image was made what it is (the uploaded file, the VM's disk as it lay there), for comparison. */
  sizeBefore: z.number().nullable(),
  /** The disk in the workbench's registry: digest of its manifest, and where; null until it was pushed. */
  artifactDigest: z.string().nullable(),
  artifactRegistry: z.string().nullable(),
  artifactRepository: z.string().nullable(),
  /** Bytes of all its blobs, and those of them that had to be sent: the rest was there with other images. */
  artifactBytes: z.number().nullable(),
  artifactBytesSent: z.number().nullable(),
  /** The job that made it, and the newest boot test. */
  jobId: z.string().nullable(),
  proofs: z.array(imageProof),
  usedBy: z.array(imageUse),
  /** Message key of why an action is not possible for this actor now; null: it is. */
  refusals: z.record(z.enum(imageActions), z.string().nullable()),
  createdAt: z.number(),
});
export type DiskImage = z.infer<typeof diskImage>;
