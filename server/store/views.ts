import type { CardRow } from './app-search';
import type { AppCard, AppDetail, AppRelease, ShelfRelease } from './schemas';
import type { AppRow, ReleaseRow, ShelfRow } from './shelves';

/** Address of an app's icon; it changes with the release, so that browsers may keep it. */
const iconUrlOf = (appId: string, releaseId: string) => `/api/v1/store/apps/${appId}/icon?of=${releaseId}`;

/** An app as the shelves show it. */
export function cardOf({ releaseId, bootProven, ...row }: CardRow): AppCard {
  return { ...row, iconUrl: iconUrlOf(row.id, releaseId), bootProven: bootProven === 1 };
}

/**
 * An app's page, except what depends on who asks.
 *
 * @param history its releases on the shelf, newest first; at least one
 */
export function detailOf(app: AppRow, history: readonly ReleaseRow[]): Omit<AppDetail, 'mayUnpublish'> {
  return {
    id: app.id,
    name: app.name,
    provider: app.provider,
    description: app.description,
    kind: app.kind,
    type: app.type,
    industry: app.industry,
    architecture: app.architecture,
    version: app.version ?? '',
    size: app.size ?? 0,
    publishedAt: app.publishedAt ?? 0,
    downloads: app.downloads,
    releases: app.releases,
    iconUrl: iconUrlOf(app.id, app.releaseId ?? ''),
    bootProven: app.bootProven,
    readme: app.readme,
    publisherName: app.ownerName,
    history: history.map((row) => {
      const { files: _files, ...release } = releaseOf(row);
      return release;
    }),
  };
}

/** A release as the catalogue of the whole store lists it. */
export function shelfReleaseOf({ newestId, ...row }: ShelfRow): ShelfRelease {
  return { ...row, iconUrl: iconUrlOf(row.appId, newestId ?? row.id) };
}

/** A release with its files. */
export function releaseOf(row: ReleaseRow): AppRelease {
  return {
    id: row.id,
    appId: row.appId,
    packageId: row.packageId,
    version: row.version,
    notes: row.notes,
    size: row.size,
    digest: row.digest,
    fileName: row.fileName,
    contentUrl: `/api/v1/store/releases/${row.id}/content`,
    downloads: row.downloads,
    publishedAt: row.publishedAt,
    publishedBy: row.publishedBy,
    images: row.images,
    locations: row.locations,
    files: row.files,
    proofs: row.proofs.map((proof) => ({
      ...proof,
      screenshotUrl: proof.hasScreenshot ? `/api/v1/store/proofs/${proof.id}/screenshot` : null,
    })),
  };
}
