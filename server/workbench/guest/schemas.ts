/** Inputs and outputs of the guest's files and tools, for tRPC, REST and the pages. */
import { z } from 'zod';
import { reportSchema } from '../../problem-schema';

export const uploadStates = ['receiving', 'verifying', 'done', 'failed'] as const;
export type UploadState = (typeof uploadStates)[number];

export const toolStates = ['chosen', 'installing', 'installed', 'failed'] as const;
export type ToolState = (typeof toolStates)[number];

export const sha256 = z
  .string()
  .regex(/^[0-9a-fA-F]{64}$/)
  .transform((text) => text.toLowerCase());

/** A path in the guest: absolute, or relative to the login's home. */
export const guestPath = z.string().max(4096);

/** Metadata that a sender gives when it creates an upload (tus `Upload-Metadata`). */
export const uploadMetadata = z.object({
  /** Name of the file; may hold a relative path (`docs/中文.txt`), whose folders are made. */
  filename: z.string().min(1).max(4096),
  /** Folder in the guest; the login's home when absent. */
  directory: guestPath.default(''),
  /** SHA-256 in hex of the whole file. */
  checksum: sha256.optional(),
  /** `later`: the sender gives the digest at the end and only then gets the file its name. */
  confirm: z.enum(['now', 'later']).default('now'),
  onConflict: z.enum(['refuse', 'replace']).default('refuse'),
  fingerprint: z.string().max(512).optional(),
});
export type UploadMetadata = z.infer<typeof uploadMetadata>;

export const fileEntry = z.object({
  name: z.string(),
  path: z.string(),
  kind: z.enum(['file', 'folder', 'link', 'other']),
  /** Bytes. */
  size: z.number(),
  /** Milliseconds since 1970. */
  modifiedAt: z.number(),
  /** Permission bits, `0644` say. */
  mode: z.string(),
});
export type FileEntry = z.infer<typeof fileEntry>;

export const folderListing = z.object({
  path: z.string(),
  home: z.string(),
  entries: z.array(fileEntry),
  /** Whether the folder holds more entries than are listed. */
  truncated: z.boolean(),
  /** Bytes free and in all on the folder's file system; undefined when the guest does not tell. */
  space: z.object({ free: z.number(), total: z.number() }).optional(),
});
export type FolderListing = z.infer<typeof folderListing>;

export const uploadView = z.object({
  id: z.string(),
  vmId: z.string(),
  path: z.string(),
  size: z.number(),
  received: z.number(),
  state: z.enum(uploadStates),
  /** Whether it waits for the sender's digest. */
  awaitsDigest: z.boolean(),
  fingerprint: z.string().nullable(),
  senderSha256: z.string().nullable(),
  passedSha256: z.string().nullable(),
  guestSha256: z.string().nullable(),
  error: reportSchema.nullable(),
  createdAt: z.number(),
});

export type UploadView = z.infer<typeof uploadView>;

export const toolFile = z.object({
  /** Name beside the script in the folder it runs in. */
  name: z
    .string()
    .min(1)
    .max(128)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/),
  content: z.string().max(256 * 1024),
});
export type ToolFile = z.infer<typeof toolFile>;

export const toolInput = z.object({
  nameEn: z.string().trim().min(1).max(80),
  nameZh: z.string().trim().min(1).max(80),
  descriptionEn: z.string().trim().max(500),
  descriptionZh: z.string().trim().max(500),
  version: z.string().trim().min(1).max(40),
  script: z
    .string()
    .min(1)
    .max(64 * 1024),
  files: z.array(toolFile).max(20),
  checkCommand: z.string().trim().min(1).max(2000),
  timeoutSeconds: z.number().int().min(5).max(7200),
  needsAgent: z.boolean(),
  givesIdentity: z.boolean(),
});
export type ToolInput = z.infer<typeof toolInput>;

export const mepInput = z.object({
  address: z
    .string()
    .trim()
    .min(1)
    .max(253)
    .regex(/^[A-Za-z0-9.:-]+$/),
  port: z.number().int().min(1).max(65_535),
  /** Absent: the stored key stays. */
  accessKey: z.string().min(1).max(256).optional(),
  secretKey: z.string().min(1).max(256).optional(),
});
export type MepInput = z.infer<typeof mepInput>;
