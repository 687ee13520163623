/** The store: apps, their releases, search, downloads. */
import PQueue from 'p-queue';
import { hasRole, type Actor, type UserActor } from '../access/actor';
import type { RawRoute } from '../content/raw-route';
import type { SentFile } from '../content/send-file';
import type { Events } from '../jobs/events';
import type { Job, Jobs } from '../jobs/job';
import type { Log } from '../log';
import type { PackageImages, PackageProjects, PackagesAudit } from '../packages/order';
import type { Packages, PublishablePackage } from '../packages/packages';
import { Problem } from '../problem';
import { checkedIcon, drawnIcon } from './app-icon';
import { openAppSearch } from './app-search';
import { openContentFiles } from './content-files';
import { diskDownloads, type DiskDownloadPorts } from './disk-downloads';
import { defineFree, definePublish } from './publish-job';
import { openReleaseImages, type ReleaseImagePorts, type ReleaseImages } from './release-images';
import { publishInput } from './schemas';
import type {
  AppDetail,
  AppRelease,
  PublishInput,
  PublishResult,
  SearchResult,
  ShelfRelease,
  StoreSearch,
} from './schemas';
import { openShelves, type AppRow, type ReleaseRow } from './shelves';
import { storeRoutes } from './store-routes';
import { cardOf, detailOf, releaseOf, shelfReleaseOf } from './views';

/** What the store needs from the house. */
export interface StorePorts extends ReleaseImagePorts, Pick<DiskDownloadPorts, 'openDisk'> {
  /** Folder of its own; made when missing. */
  dir: string;
  jobs: Jobs;
  events: Events;
  log: Log;
  packages: Pick<Packages, 'publishable'>;
  projects: Pick<PackageProjects, 'canSee'>;
  images: Pick<PackageImages, 'proofs' | 'screenshot'>;
  audit: PackagesAudit;
}

/** What an app says of itself, published or not. */
export interface AppWords {
  name: string;
  provider: string;
  type: string;
  industry: string;
  architecture: string;
  description: string;
  createdAt: number;
}

export interface AppIcon {
  type: string;
  data: Buffer;
}

export interface Store {
  /** Apps on the shelves. Anybody may ask. */
  search(search: StoreSearch): SearchResult;
  /** All releases on the shelves, newest first, a page of them; for those who sync. */
  shelf(page: { limit: number; offset: number }): { releases: ShelfRelease[]; total: number };
  /** @throws Problem `not_found`; `gone` when it was unpublished */
  app(actor: Actor, appId: string): AppDetail;
  /** @throws Problem `not_found`; `gone` when it was unpublished */
  release(releaseId: string): AppRelease;
  /** The app's icon, or one drawn from its name. @throws Problem `not_found` */
  icon(appId: string): AppIcon;
  /**
   * Starts publishing a package. Asked twice at once, both get the same job.
   *
   * @throws Problem `not_found`; `conflict` when it is not ready, not verified, or the same version is published
   *   with other content; `forbidden` when the app is somebody else's
   */
  publish(actor: UserActor, packageId: string, input: PublishInput, idempotencyKey?: string): Promise<Job>;
  /** Takes a release off the shelves. @throws Problem `not_found`, `forbidden` */
  unpublish(actor: UserActor, releaseId: string): void;
  /**
   * Gives a package that is not published yet the app it will belong to, for clients that name the app before.
   *
   * @throws Problem as `publish`
   */
  reserve(actor: UserActor, packageId: string, input: PublishInput): Promise<{ appId: string }>;
  /** What was given with `reserve`, or the app's present words: what a publish without words of its own says. */
  wordsOf(appId: string): AppWords | undefined;
  /** Whether something of the app is published now. */
  isOnShelf(appId: string): boolean;
  /** The release that was made of a package; undefined when there is none on the shelf. */
  releaseOfPackage(packageId: string): AppRelease | undefined;
  /** Releases on the shelf that have an image of the store's registry. */
  imageUses: ReleaseImages['usesOf'];
  /** The file to send, counted as a download. @throws Problem `not_found`, `gone` */
  content(releaseId: string): SentFile;
  /** Removes files that no release needs; called once, before jobs run. */
  open(): Promise<void>;
  /** Downloads with Range, and pictures, on Node's own sockets. */
  rawRoutes: readonly RawRoute[];
}

/** Opens the store: its index, its folder, its job, its routes. */
export function openStore(ports: StorePorts): Store {
  const { db, jobs, projects, events } = ports;
  const search = openAppSearch(db);
  const shelves = openShelves(db, search);
  const files = openContentFiles(ports.dir);
  const tell = (appId: string) => {
    events.publish({ topic: 'app', id: appId, audience: { everyone: true } });
  };
  const releaseImages = openReleaseImages(ports);
  const sendDisk = diskDownloads(ports);
  const parts = {
    jobs,
    packages: ports.packages,
    images: ports.images,
    files,
    shelves,
    releaseImages,
    turns: new PQueue({ concurrency: 1 }),
    published: (result: PublishResult) => {
      if (!result.unchanged) tell(result.appId);
    },
  };
  const publishJob = definePublish(parts);
  const freeJob = defineFree(parts);

  /** Whoever published it, those who work on its project, administrators. */
  const mayTouch = (actor: Actor, app: AppRow) =>
    hasRole(actor, 'admin') ||
    (actor.userId !== undefined && app.ownerId === actor.userId) ||
    (app.projectId !== null && projects.canSee(actor, app.projectId));

  const requireApp = (id: string): AppRow => {
    const app = shelves.app(id);
    if (app === undefined || (app.releaseId === null && !shelves.wasPublished(id))) {
      throw new Problem('not_found', 'store.errors.noApp');
    }
    if (app.releaseId === null) throw new Problem('gone', 'store.errors.appUnpublished', { name: app.name });
    return app;
  };
  const requireRelease = (id: string): ReleaseRow => {
    const release = shelves.release(id);
    if (release === undefined) throw new Problem('not_found', 'store.errors.noRelease');
    if (release.unpublishedAt !== null) {
      const name = shelves.app(release.appId)?.name ?? '';
      throw new Problem('gone', 'store.errors.releaseUnpublished', { name, version: release.version });
    }
    return release;
  };
  const fileOf = ({ digest, size, fileName }: ReleaseRow): SentFile => ({
    path: files.pathOf(digest),
    sha256: digest.replace('sha256:', ''),
    size,
    fileName,
    type: 'application/zip',
    open: true,
  });
  const iconOf = (appId: string): AppIcon => {
    const app = shelves.app(appId);
    if (app === undefined) throw new Problem('not_found', 'store.errors.noApp');
    return app.icon !== null && app.iconType !== null
      ? { type: app.iconType, data: Buffer.from(app.icon, 'base64') }
      : { type: 'image/svg+xml', data: Buffer.from(drawnIcon(app.name)) };
  };
  const checked = async (
    actor: UserActor,
    packageId: string,
    input: PublishInput,
    action: 'publish' | 'download',
  ) => {
    const wanted = publishInput.parse(input);
    if (wanted.icon) checkedIcon(wanted.icon);
    const source: PublishablePackage = await ports.packages.publishable(actor, packageId, action);
    shelves.check(source, (app) => mayTouch(actor, app));
    return { wanted, source, publisher: { id: actor.userId, name: actor.name } };
  };

  return {
    search: (asked) => {
      const { rows, total, facets } = search.find(asked);
      return { apps: rows.map(cardOf), total, facets };
    },
    shelf: (page) => ({ releases: shelves.all(page).map(shelfReleaseOf), total: shelves.count() }),
    app: (actor, appId) => {
      const app = requireApp(appId);
      return { ...detailOf(app, shelves.history(appId)), mayUnpublish: mayTouch(actor, app) };
    },
    release: (releaseId) => releaseOf(requireRelease(releaseId)),
    icon: iconOf,
    async publish(actor, packageId, input, idempotencyKey) {
      const { wanted, source, publisher } = await checked(actor, packageId, input, 'publish');
      const subject = { type: 'package' as const, id: packageId };
      const states = ['queued', 'running'] as const;
      // No await between this look and the start: two at once get the same job.
      const [running] = jobs.list({ subject, kind: 'package.publish', states, limit: 1 });
      if (running !== undefined) return running;
      ports.audit.record({
        actor,
        action: 'store.publish',
        subject,
        detail: {
          name: source.summary.name,
          version: source.summary.version,
          digest: source.summary.digest,
        },
      });
      return publishJob.start({
        input: { packageId, publisher, input: wanted },
        subject,
        projectId: source.summary.projectId ?? undefined,
        actorId: actor.userId,
        idempotencyKey,
      });
    },
    imageUses: (repository, digest) => releaseImages.usesOf(repository, digest),
    unpublish(actor, releaseId) {
      const release = requireRelease(releaseId);
      const app = requireApp(release.appId);
      if (!mayTouch(actor, app)) {
        throw new Problem('forbidden', 'store.errors.notYourApp', { name: app.name, provider: app.provider });
      }
      const { digest } = release;
      db.transaction(() => {
        shelves.takeDown(release);
        freeJob.start({
          input: { digest },
          subject: { type: 'release', id: releaseId },
          actorId: actor.userId,
        });
      });
      ports.audit.record({
        actor,
        action: 'store.unpublish',
        subject: {
          type: 'release',
          id: releaseId,
        },
        detail: {
          name: app.name,
          version: release.version,
        },
      });
      tell(app.id);
    },
    async reserve(actor, packageId, input) {
      const { wanted, source, publisher } = await checked(actor, packageId, input, 'download');
      return { appId: shelves.reserve({ source, input: wanted, publisher }).id };
    },
    wordsOf: (appId) => {
      const app = shelves.app(appId);
      if (app === undefined) return undefined;
      const { name, provider, type, industry, architecture, description, createdAt } = app;
      return { name, provider, type, industry, architecture, description, createdAt };
    },
    isOnShelf: (appId) => (shelves.app(appId)?.releaseId ?? null) !== null,
    releaseOfPackage: (packageId) => {
      const release = shelves.releaseOfPackage(packageId);
      return release?.unpublishedAt === null ? releaseOf(release) : undefined;
    },
    content: (releaseId) => {
      const release = requireRelease(releaseId);
      shelves.countDownload(release);
      return fileOf(release);
    },
    open: () => {
      const busy = jobs.list({
        kind: 'package.publish',
        states: ['queued', 'running', 'cancelling'],
        limit: 1,
      });
      // A publish that goes on will find its content where it left it.
      return busy.length > 0 ? Promise.resolve() : files.sweep((digest) => shelves.usesDigest(digest));
    },
    rawRoutes: storeRoutes({
      file: (id) => fileOf(requireRelease(id)),
      sendDisk: async (id, index, request, response) =>
        sendDisk(requireRelease(id), index, request, response),
      icon: iconOf,
      picturePath: (proofId) => files.picturePath(proofId),
      downloaded: (id) => {
        shelves.countDownload(requireRelease(id));
      },
    }),
  };
}
