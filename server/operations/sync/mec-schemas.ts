/** Stores and their packages as EdgeGallery's MECM has them: inventory's `AppStore`, apm's lists (1.1 to 1.5). */
import { z } from 'zod';

const word = (most: number) => z.string().trim().max(most);

/** The body of POST and PUT of a store. */
export const mecStoreInput = z.object({
  appstoreIp: z.union([z.ipv4(), z.ipv6(), z.hostname()]),
  appstorePort: z.union([
    z.string().regex(/^\d{1,5}$/),
    z.number().int().min(1).max(65_535).transform(String),
  ]),
  appstoreName: word(60).min(1),
  /** `host:port` of the registry with the images. */
  appstoreRepo: word(260).default(''),
  /** The part of the registry they lie in. */
  appstoreRepoName: word(128).default(''),
  appstoreRepoUserName: word(256).default(''),
  appstoreRepoPassword: word(4096).default(''),
  producer: word(128).default(''),
  /** Not of EdgeGallery's inventory, but of its AppStore's list of stores; its stores speak TLS. */
  schema: z.enum(['http', 'https']).default('https'),
  /** Ours: an API token, where the store asks for one. */
  accessToken: word(4096).optional(),
});
export type MecStoreInput = z.infer<typeof mecStoreInput>;

/** A store as GET answers; the password never comes back. */
export const mecStoreView = z.object({
  appstoreIp: z.string(),
  appstorePort: z.string(),
  appstoreName: z.string(),
  appstoreRepo: z.string(),
  appstoreRepoName: z.string(),
  appstoreRepoUserName: z.string(),
  appstoreRepoPassword: z.literal(''),
  producer: z.string(),
});
export type MecStoreView = z.infer<typeof mecStoreView>;

/** What apm is asked to sync. */
export const mecSyncInput = z
  .array(
    z.object({
      appstoreIp: word(300).min(1),
      appId: word(200).min(1),
      packageId: word(200).min(1),
    }),
  )
  .min(1)
  .max(400);
export type MecSyncInput = z.infer<typeof mecSyncInput>;

/** What became of each: `accepted`, or why it was not. */
export const mecSyncAnswer = z.array(
  z.object({ appstoreIp: z.string(), appId: z.string(), packageId: z.string(), status: z.string() }),
);

export const mecSyncStates = ['NOT_IN_SYNC', 'INPROGRESS', 'IN_SYNC', 'SYNC_FAILED'] as const;

/** A package of a store, as apm's catalogue lists it. */
export const mecCatalogueEntry = z.object({
  id: z.string(),
  appId: z.string(),
  packageId: z.string(),
  name: z.string(),
  provider: z.string(),
  version: z.string(),
  type: z.string(),
  affinity: z.string(),
  industry: z.string(),
  shortDesc: z.string(),
});
export type MecCatalogueEntry = z.infer<typeof mecCatalogueEntry>;

/** How a package stands. */
export const mecSyncStatus = mecCatalogueEntry.omit({ id: true }).extend({
  appstoreIp: z.string(),
  appstoreEndpoint: z.string(),
  /** Bytes, as text. */
  size: z.string(),
  testTaskId: z.string(),
  /** Of the package at its store. */
  status: z.enum(['Published', 'Withdrawn']),
  syncStatus: z.enum(mecSyncStates),
  /** Why it could not be synced. */
  operationalInfo: z.string(),
  createTime: z.string(),
});
export type MecSyncStatus = z.infer<typeof mecSyncStatus>;
