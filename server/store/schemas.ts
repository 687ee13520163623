/** Inputs and outputs of the store, for tRPC, REST and the pages. */
import { z } from 'zod';
import { bootProof, packageFile, packageImage } from '../packages/schemas';

export const storeSorts = ['relevance', 'newest', 'name', 'downloads', 'size'] as const;
export type StoreSort = (typeof storeSorts)[number];

/** What a search in the store may say; the same words stand in the page's address. */
export const storeSearch = z.object({
  q: z.string().trim().max(120).optional(),
  kind: z.enum(['vm', 'container']).optional(),
  type: z.string().max(60).optional(),
  industry: z.string().max(60).optional(),
  architecture: z.string().max(20).optional(),
  /** By relevance when something is searched for, else the newest first. */
  sort: z.enum(storeSorts).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(24),
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
});
export type StoreSearch = z.input<typeof storeSearch>;

/** An app as the store's shelves show it. */
export const appCard = z.object({
  id: z.string(),
  name: z.string(),
  provider: z.string(),
  description: z.string(),
  kind: z.enum(['vm', 'container']),
  type: z.string(),
  industry: z.string(),
  architecture: z.string(),
  /** Of the newest release. */
  version: z.string(),
  size: z.number(),
  publishedAt: z.number(),
  downloads: z.number(),
  releases: z.number(),
  iconUrl: z.string(),
  /** Whether an image of the newest release was watched booting. */
  bootProven: z.boolean(),
});
export type AppCard = z.infer<typeof appCard>;

/** How many apps there are for each choice of a filter, the other filters applied. */
const counts = z.array(z.object({ value: z.string(), count: z.number() }));

export const searchResult = z.object({
  apps: z.array(appCard),
  total: z.number(),
  facets: z.object({ kind: counts, type: counts, industry: counts, architecture: counts }),
});
export type SearchResult = z.infer<typeof searchResult>;

/** Where an image of a release lies; kept beside the package, whose bytes stay as its author made them. */
export const imageLocation = z.object({
  /** As the package names it. */
  name: z.string(),
  /** `sha256:…` that the package states; null when it states none. */
  digest: z.string().nullable(),
  /** In the store's registry; null when nobody here held the image at publishing. */
  artifact: z
    .object({
      /** Without the prefix of the store's place in the registry. */
      repository: z.string(),
      tag: z.string(),
      digest: z.string(),
      mediaType: z.string(),
      platforms: z.array(z.string()),
      /** Bytes of all its parts. */
      size: z.number().nullable(),
    })
    .nullable(),
});
export type ImageLocation = z.infer<typeof imageLocation>;

export const appRelease = z.object({
  id: z.string(),
  appId: z.string(),
  /** The package it was made of; that one may be gone. */
  packageId: z.string(),
  version: z.string(),
  /** Markdown. */
  notes: z.string(),
  size: z.number(),
  /** `sha256:…` of the package. */
  digest: z.string(),
  fileName: z.string(),
  contentUrl: z.string(),
  downloads: z.number(),
  publishedAt: z.number(),
  publishedBy: z.string(),
  images: z.array(packageImage),
  locations: z.array(imageLocation),
  files: z.array(packageFile),
  proofs: z.array(bootProof.extend({ screenshotUrl: z.string().nullable() })),
});
export type AppRelease = z.infer<typeof appRelease>;

/** A release as a catalogue of the whole store lists it, for those who sync. */
export const shelfRelease = appRelease
  .pick({ id: true, appId: true, version: true, size: true, digest: true, publishedAt: true })
  .extend(
    appCard.pick({
      name: true,
      provider: true,
      kind: true,
      type: true,
      industry: true,
      architecture: true,
      description: true,
      iconUrl: true,
    }).shape,
  );
export type ShelfRelease = z.infer<typeof shelfRelease>;

/** Which part of the catalogue. */
export const shelfPage = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(500),
  offset: z.coerce.number().int().min(0).max(10_000_000).default(0),
});

export const shelf = z.object({ releases: z.array(shelfRelease), total: z.number() });

/** Where the store keeps images, for those who may pull them. */
export const storeRegistry = z.object({
  url: z.string().describe('`http://` or `https://`, host and port'),
  prefix: z.string().describe('Comes before every repository’s name'),
});

export const appDetail = appCard.extend({
  /** Markdown. */
  readme: z.string(),
  publisherName: z.string(),
  /** Newest first; the first is the one on the shelf. */
  history: z.array(appRelease.omit({ files: true })),
  /** Whether the asking actor may unpublish. */
  mayUnpublish: z.boolean(),
});
export type AppDetail = z.infer<typeof appDetail>;

export const iconTypes = ['image/png', 'image/jpeg', 'image/webp', 'image/svg+xml'] as const;

export const publishInput = z.object({
  /** What the project or the package says when absent; so for the four that follow. */
  type: z.string().trim().min(1).max(60).optional(),
  industry: z.string().trim().min(1).max(60).optional(),
  /** Markdown. */
  notes: z.string().trim().max(20_000).default(''),
  architecture: z.string().trim().min(1).max(20).optional(),
  description: z.string().trim().max(2000).optional(),
  /** Bytes in base64, at most 256 KiB; the project's icon when absent. */
  icon: z.object({ type: z.enum(iconTypes), base64: z.base64().max(350_000) }).optional(),
});
export type PublishInput = z.input<typeof publishInput>;

/** What the job `package.publish` returns. */
export const publishResult = z.object({
  appId: z.string(),
  releaseId: z.string(),
  version: z.string(),
  digest: z.string(),
  /** True when the same bytes were published already and nothing was done. */
  unchanged: z.boolean(),
});
export type PublishResult = z.infer<typeof publishResult>;
