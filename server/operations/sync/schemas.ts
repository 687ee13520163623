/** Inputs and outputs of stores and their releases, for tRPC, REST and the pages. */
import { z } from 'zod';
import { reportSchema } from '../../problem-schema';
import { externalRegistry } from '../../registries/schemas';
import { imageLocation, shelfPage } from '../../store/schemas';

/** `own`: the store of this Edgeyard. */
export const storeKinds = ['own', 'edgeyard', 'edgegallery'] as const;
export type StoreKind = (typeof storeKinds)[number];

/** Which releases are synced by themselves: those that all given words fit. `*` stands for any letters. */
export const syncRule = z.object({
  provider: z.string().trim().max(120).default('*'),
  name: z.string().trim().max(120).default('*'),
  kind: z.enum(['vm', 'container']).optional(),
  /** Only the newest release of each app. */
  newestOnly: z.boolean().default(true),
});
export type SyncRule = z.infer<typeof syncRule>;

/** Everybody who develops sees a store's address, and the audit log keeps it: a login in it would be no secret. */
function isBare(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { username, password, search, hash } = new URL(url);
  return [username, password, search, hash].join('') === '';
}

/** Nobody would fit what is no certificate, and no package could be synced. */
function isPemOrNothing(text: string): boolean {
  return text.trim() === '' || /-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(text);
}

const storeFields = {
  name: z.string().trim().min(1).max(60),
  /** Base address, `https://store.example.org`. */
  url: z
    .url({ protocol: /^https?$/ })
    .max(400)
    .refine(isBare, 'sync.errors.badAddress'),
  /** Certificates in PEM, trusted beside the system's. */
  ca: z.string().max(100_000).optional(),
  /** Certificates in PEM of those one of whom must have signed each package, or of their authorities. */
  signers: z.string().max(100_000).refine(isPemOrNothing, 'sync.errors.badSigners').optional(),
  /** Where the store keeps images; absent: as the store itself says, with the login below. */
  registry: externalRegistry.omit({ pullUser: true }).optional(),
  /** Who the registry that the store itself names is to let in, with the registry's password; absent: its token. */
  registryUser: z.string().trim().max(256).optional(),
  rules: z.array(syncRule).max(50),
  /** How often it is looked at, in minutes; null: only when somebody asks. */
  everyMinutes: z.number().int().min(1).max(10_080).nullable(),
};

export const createStore = z.object({
  ...storeFields,
  rules: storeFields.rules.default([]),
  everyMinutes: storeFields.everyMinutes.default(null),
  kind: z.enum(['edgeyard', 'edgegallery']),
  /** An API token of the store, which need only read. */
  token: z.string().max(4096).optional(),
  registryPassword: z.string().max(4096).optional(),
});
export type CreateStore = z.infer<typeof createStore>;

/** What is absent stays as it is, null takes it away; the own store takes rules and schedule alone. */
export const updateStore = z
  .object({
    ...storeFields,
    ca: storeFields.ca.nullable(),
    signers: storeFields.signers.nullable(),
    registry: storeFields.registry.nullable(),
    registryUser: storeFields.registryUser.nullable(),
    token: z.string().max(4096),
    registryPassword: z.string().max(4096),
  })
  .partial();
export type UpdateStore = z.infer<typeof updateStore>;

export const storeView = z.object({
  id: z.string(),
  kind: z.enum(storeKinds),
  name: z.string(),
  url: z.string().nullable(),
  ca: z.string().optional(),
  signers: z.string().optional(),
  registry: storeFields.registry,
  registryUser: z.string().optional(),
  hasToken: z.boolean(),
  hasRegistryPassword: z.boolean(),
  rules: z.array(syncRule),
  everyMinutes: z.number().nullable(),
  /** When its catalogue was last read; milliseconds since 1970. */
  readAt: z.number().nullable(),
  /** Why it could not be read the last time. */
  problem: reportSchema.nullable(),
  counts: z.object({ new: z.number(), changed: z.number(), inStep: z.number(), withdrawn: z.number() }),
});
export type StoreView = z.infer<typeof storeView>;

/** How a release of a catalogue stands here. EdgeGallery's words: NOT_IN_SYNC, INPROGRESS, IN_SYNC, SYNC_FAILED. */
export const syncStates = ['notInSync', 'syncing', 'inSync', 'failed'] as const;
export type SyncState = (typeof syncStates)[number];

/** What is new about it: of an app of which nothing is in sync, of one of which something older is, or of neither. */
export const changes = ['new', 'changed', 'inStep', 'withdrawn'] as const;

/** An image of a release in the operations registry. */
export const syncedImage = imageLocation;

export const syncedRelease = z.object({
  id: z.string(),
  storeId: z.string(),
  storeName: z.string(),
  /** The store's own ids. */
  appId: z.string(),
  releaseId: z.string(),
  name: z.string(),
  provider: z.string(),
  version: z.string(),
  kind: z.enum(['vm', 'container']),
  type: z.string(),
  industry: z.string(),
  architecture: z.string(),
  description: z.string(),
  iconUrl: z.string().nullable(),
  /** Of the package: bytes, and `sha256:…` where the store tells. */
  size: z.number(),
  digest: z.string().nullable(),
  publishedAt: z.number(),
  state: z.enum(syncStates),
  change: z.enum(changes),
  problem: reportSchema.nullable(),
  /** `verified`: all hashes fit. `signed`: and its signature is of somebody the store's `signers` name. */
  proof: z.enum(['verified', 'signed']).nullable(),
  /** In the operations registry; empty before it is in sync. */
  images: z.array(syncedImage),
  syncedAt: z.number().nullable(),
  /** When the store took it away; what is synced stays. */
  withdrawnAt: z.number().nullable(),
  jobId: z.string().nullable(),
});
export type SyncedRelease = z.infer<typeof syncedRelease>;

export const releaseFilter = z.object({
  storeId: z.string().max(64).optional(),
  state: z.enum(syncStates).optional(),
  change: z.enum(changes).optional(),
  kind: z.enum(['vm', 'container']).optional(),
  q: z.string().trim().max(120).optional(),
});
export type ReleaseFilter = z.infer<typeof releaseFilter>;

/** Which releases, and which part of those that fit. */
export const releasePage = releaseFilter.extend(shelfPage.shape);
export type ReleasePage = z.infer<typeof releasePage>;

export const releaseList = z.object({
  releases: z.array(syncedRelease),
  total: z.number().describe('How many fit'),
});
export type ReleaseList = z.infer<typeof releaseList>;

export const startSync = z.object({ releaseIds: z.array(z.string().max(64)).min(1).max(400) });
export type StartSync = z.infer<typeof startSync>;

/** What the job `release.sync` returns. */
export const syncResult = z.object({
  releaseId: z.string(),
  /** True when nothing had to move, which the job's log proves with the digests. */
  unchanged: z.boolean(),
  bytesMoved: z.number(),
  bytesKept: z.number(),
  ms: z.number(),
});
export type SyncResult = z.infer<typeof syncResult>;
