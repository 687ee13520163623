import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { authorize, type Actor, type Authorized, type UserActor } from '../access/actor';
import type { RawRoute } from '../content/raw-route';
import { newId } from '../db/id';
import { spaceOf } from '../disk-space';
import type { Job } from '../jobs/job';
import { Problem } from '../problem';
import type { GuestImage } from '../sites/site';
import { imageArtifacts, type ImageArtifacts, type ImageDifference } from './artifact/artifacts';
import { imageBelongings, removeImage, type ImageBelongings } from './belongings';
import { defineBootTest, proofPicture } from './boot-test';
import { importBuiltIn } from './built-in';
import { contentRoutes } from './content';
import { defineFetch } from './fetch-job';
import { imageRefusal } from './image-gates';
import { imageRows, mayChangeImage, maySeeImage, viewOfImage, type ImageRow } from './image-rows';
import { defineImport } from './import-job';
import { imageLibrary } from './library';
import type { ImageFolders, ImagePorts } from './ports';
import { requireFetchable } from './public-address';
import { dropSiteCopies } from './site-copies';
import type {
  BootTestInput,
  DiskImage,
  FetchInput,
  ImageChanges,
  ImageFilter,
  ImageProof,
  ImageSource,
  Visibility,
} from './schemas';
import { moveIn, storedPath, verifyStored, type Step, type StoredFacts } from './stored';
import type { ImageRoom } from './take-in';
import { takenImages, type TakenImages } from './taken/taken-images';
import { defaultMemoryMiB, imageUploads, requireProject } from './uploads';

/** A guest image that comes with Edgeyard, as its builder left it. */
export interface BuiltInImage {
  name: string;
  /** Absolute path of the qcow2 file. */
  path: string;
  os: string;
  login: string;
  cloudInit: boolean;
  minMemoryMiB: number;
  minDiskGiB: number;
}

/** What is said about an image that this server made itself. */
export interface NewImageFacts {
  /** Chosen before the work began, so that a repeated step finds what it made. */
  id: string;
  name: string;
  description: string;
  os: string | undefined;
  login: string | undefined;
  cloudInit: boolean;
  architecture: 'x86_64' | 'aarch64';
  minMemoryMiB: number;
  visibility: Visibility;
  ownerId: string | undefined;
  ownerName: string | undefined;
  projectId: string | undefined;
  source: ImageSource;
  /** Bytes the disk took before, for comparison. */
  sizeBefore: number | undefined;
  jobId: string;
  /** Where the disk differs from that of another image, if that is known: the rest need not be read again. */
  differs?: ImageDifference | undefined;
}

/** What a site that runs VMs on this machine reads images by. */
export interface ImageLibrary {
  list(): Promise<GuestImage[]>;
  /** @throws Problem `not_found`, `conflict` while the image is not ready */
  path(id: string): Promise<{ path: string; format: 'qcow2' | 'iso'; md5: string | undefined }>;
}

/** A file to send, and what its headers say. */
export interface ContentFile {
  path: string;
  size: number;
  /** Hex digests of the bytes. */
  sha256: string;
  md5: string;
  /** A safe name to save it under. */
  fileName: string;
}

type PushedImages = Pick<ImageArtifacts, 'artifactOf' | 'openArtifact' | 'artifactUses' | 'pushMissing'>;

/** The images room. */
export interface Images extends PushedImages, TakenImages {
  /** Images the actor may see, newest first. */
  list(actor: Actor, filter: ImageFilter): DiskImage[];
  /** @throws Problem `not_found` also for an image the actor may not see */
  get(actor: Actor, id: string): DiskImage;
  /** Whether the actor may make VMs from an image that a site lists; those that are not ours are the site's own. */
  mayUse(actor: Actor, id: string): boolean;
  /** A ready image with these bytes that the actor may make VMs from; undefined when there is none. */
  usable(actor: Actor, digest: string): string | undefined;
  /** Changes what people say about an image. @throws Problem `not_found`, `forbidden` */
  update(actor: UserActor, id: string, changes: ImageChanges): DiskImage;
  /**
   * Removes an image, its file and its proofs; stops an upload.
   * @throws Problem `not_found`, `forbidden`, `conflict` that names what uses it
   */
  remove(actor: UserActor, id: string): Promise<void>;
  /**
   * Starts to fetch an image from an address.
   * @param idempotencyKey the same key gives the job that already exists
   * @throws Problem `invalid` for an address that is refused at once, `no_space`
   */
  fetch(actor: UserActor, input: FetchInput, idempotencyKey?: string): { image: DiskImage; job: Job };
  /** Starts a boot in a throw-away VM. @throws Problem `not_found`, `conflict`, `invalid` */
  bootTest(actor: UserActor, id: string, input: BootTestInput, idempotencyKey?: string): Job;
  /** The file to download. @throws Problem `not_found`, `conflict` while it is not ready */
  contentFile(actor: Actor, id: string): ContentFile;
  /** Absolute path of a ready image's file, for work the server does by itself; undefined when there is none. */
  filePath(id: string): string | undefined;
  /** Boots that were watched of any image with these bytes, newest first. */
  proofsOf(digest: string): ImageProof[];
  /** Absolute path of the picture of a boot; undefined when there is none. */
  pictureOf(proofId: string): string | undefined;
  /** PNG of what a boot test saw. @throws Problem `not_found` */
  screenshot(actor: Actor, imageId: string, proofId: string): Promise<Buffer>;
  /** Bytes free on the disk of the images, and how large an upload may be now. */
  space(): Promise<{ free: number; total: number; largestUpload: number }>;
  readonly library: ImageLibrary;
  /** Folder for files that jobs work on; what no live job owns is removed at start. Name them `<jobId>.…`. */
  readonly workFolder: string;
  /**
   * Proves a finished qcow2 file of our own making: header, structure, digests.
   * @throws Problem `invalid`, `failed`, `cancelled`
   */
  verify(file: string, step: Step): Promise<StoredFacts>;
  /**
   * Takes a proved file in: moves it to its place and registers it. May be run again after a crash.
   * @throws Problem `failed` when the file is gone
   */
  ingest(file: string, facts: NewImageFacts, stored: StoredFacts): Promise<{ id: string }>;
  /** Takes an image back that `ingest` made, for a job that is undone. One that is not there is fine. */
  discard(id: string): Promise<void>;
  /** The room's part in deleting a project. */
  readonly belongings: ImageBelongings;
  /** Takes in the guest images that were built on this machine; those already here by digest are left alone. */
  importBuiltIn(guests: readonly BuiltInImage[], signal: AbortSignal): Promise<void>;
  /** Uploads, downloads and pictures, which stream on Node's own sockets. */
  readonly rawRoutes: readonly RawRoute[];
  /** Lets go of timers. */
  close(): void;
}

/** How often stale uploads are looked for. */
const sweepEveryMs = 3600_000;
/** How often images that are not in the registry are looked for. */
const pushEveryMs = 600_000;

/** Opens the images room: its folders, its jobs, its routes. */
export function openImages(ports: ImagePorts): Images {
  const folders = makeFolders(ports);
  const rows = imageRows(ports);
  const room: ImageRoom = {
    ports,
    rows,
    folders,
    becameReady(id) {
      artifacts.pushSoon(id);
    },
    wentAway(row) {
      void artifacts.drop(row);
      void dropSiteCopies(ports, row);
    },
  };
  const artifacts = imageArtifacts(room);
  const taken = takenImages(room);
  const uploads = imageUploads(room, defineImport(room));
  const fetchJob = defineFetch(room);
  const bootTestJob = defineBootTest(room);

  const authorized = (actor: Actor, id: string): Authorized<ImageRow> =>
    authorize(rows.find(id), (row) => maySeeImage(ports, actor, row), 'images.errors.noImage');
  const view = (actor: Actor, row: ImageRow) => viewOfImage(ports, rows, actor, row);
  const requireGate = (
    actor: Actor,
    row: ImageRow,
    action: 'download' | 'bootTest' | 'change' | 'remove',
  ) => {
    const uses = ports.usesOf(row.id);
    const facts = { state: row.state, mayChange: mayChangeImage(ports, actor, row), uses: uses.length };
    const refusal = imageRefusal(action, facts);
    if (refusal === null) return;
    const names = uses.map(({ name }) => name).join(', ');
    throw new Problem(refusal === 'images.gates.notYours' ? 'forbidden' : 'conflict', refusal, { names });
  };

  const images: Images = {
    artifactOf: artifacts.artifactOf,
    openArtifact: artifacts.openArtifact,
    artifactUses: artifacts.artifactUses,
    pushMissing: artifacts.pushMissing,
    ...taken,
    list: (actor, filter) =>
      rows
        .all(filter)
        .filter((row) => maySeeImage(ports, actor, row))
        .map((row) => view(actor, row)),
    get: (actor, id) => view(actor, authorized(actor, id)),
    mayUse(actor, id) {
      const row = rows.find(id);
      return row === undefined || maySeeImage(ports, actor, row);
    },
    usable: (actor, digest) =>
      rows.all({ state: 'ready' }).find((row) => row.digest === digest && maySeeImage(ports, actor, row))?.id,
    update(actor, id, changes) {
      const row = authorized(actor, id);
      requireGate(actor, row, 'change');
      requireProject(ports.canSee, actor, {
        visibility: changes.visibility ?? row.visibility,
        projectId: row.projectId ?? undefined,
      });
      const changed = rows.update(id, given(changes)) ?? row;
      ports.audit({
        actor,
        action: 'images.update',
        subject: { type: 'image', id },
        detail: { name: changed.name },
      });
      return view(actor, changed);
    },
    async remove(actor, id) {
      const row = authorized(actor, id);
      requireGate(actor, row, 'remove');
      await removeImage(room, id);
      uploads.discard(id);
      ports.audit({
        actor,
        action: 'images.remove',
        subject: { type: 'image', id },
        detail: { name: row.name },
      });
    },
    fetch(actor, input, idempotencyKey) {
      requireFetchable(new URL(input.url), ports.allowPrivateUrls);
      requireProject(ports.canSee, actor, input);
      const { url, sha256, format, ...facts } = input;
      const id = newId('img');
      return ports.db.transaction(() => {
        const job = fetchJob.start({
          input: { imageId: id },
          subject: { type: 'image', id },
          projectId: input.projectId,
          actorId: actor.userId,
          idempotencyKey,
        });
        const earlier = job.subject.id === id ? undefined : rows.find(job.subject.id);
        if (earlier) return { image: view(actor, earlier), job };
        const row = rows.insert({
          ...facts,
          id: job.subject.id,
          minMemoryMiB: facts.minMemoryMiB ?? defaultMemoryMiB,
          minDiskGiB: 1,
          state: 'checking',
          source: { kind: 'url', url, sha256, format },
          ownerId: actor.userId,
          ownerName: actor.name,
          jobId: job.id,
        });
        const detail = { name: facts.name, url };
        ports.audit({ actor, action: 'images.fetch', subject: { type: 'image', id: row.id }, detail });
        return { image: view(actor, row), job };
      });
    },
    bootTest(actor, id, input, idempotencyKey) {
      const row = authorized(actor, id);
      requireGate(actor, row, 'bootTest');
      const siteId = input.siteId ?? ports.sites().list()[0]?.id;
      if (siteId === undefined) throw new Problem('conflict', 'images.errors.noSite');
      const site = ports.sites().get(siteId);
      return bootTestJob.start({
        input: { imageId: row.id, siteId: site.id },
        subject: { type: 'image', id: row.id },
        projectId: row.projectId ?? undefined,
        actorId: actor.userId,
        idempotencyKey,
      });
    },
    contentFile(actor, id) {
      const row = authorized(actor, id);
      requireGate(actor, row, 'download');
      if (row.format === null || row.digest === null || row.md5 === null) {
        throw new Problem('conflict', 'images.errors.notReady');
      }
      return {
        path: storedPath(folders, id, row.format),
        size: row.size,
        sha256: row.digest.replace('sha256:', ''),
        md5: row.md5,
        fileName: `${row.name.replaceAll(/[\\/:*?"<>|\p{C}]/gu, '-')}.${row.format}`,
      };
    },
    filePath(id) {
      const row = rows.find(id);
      return row?.format && row.state === 'ready' ? storedPath(folders, id, row.format) : undefined;
    },
    proofsOf: (digest) => rows.proofsOf(digest).map(({ imageId: _image, ...proof }) => proof),
    pictureOf: (proofId) =>
      rows.proof(proofId)?.hasScreenshot ? proofPicture(folders.proofs, proofId) : undefined,
    async screenshot(actor, imageId, proofId) {
      authorized(actor, imageId);
      const proof = rows.proofs(imageId).find(({ id, hasScreenshot }) => id === proofId && hasScreenshot);
      if (!proof) throw new Problem('not_found', 'images.errors.noPicture');
      return readFile(proofPicture(folders.proofs, proof.id));
    },
    async space() {
      const { free, usable, total } = await spaceOf(folders.root);
      return { free, total, largestUpload: usable };
    },
    library: imageLibrary(room),
    workFolder: folders.work,
    verify: (file, step) => verifyStored(file, 'qcow2', step),
    async ingest(file, { differs, ...facts }, stored) {
      await moveIn(folders, facts.id, file, stored);
      if (!rows.find(facts.id)) {
        const minDiskGiB = Math.ceil(stored.virtualSize / 2 ** 30);
        rows.insert({ ...facts, ...stored, minDiskGiB, state: 'ready' });
        artifacts.pushSoon(facts.id, differs);
      }
      return { id: facts.id };
    },
    discard: (id) => removeImage(room, id),
    belongings: imageBelongings(room, uploads.discard),
    importBuiltIn: (guests, signal) => importBuiltIn(room, guests, signal),
    rawRoutes: [
      uploads.route,
      ...contentRoutes({
        contentFile: (actor, id) => images.contentFile(actor, id),
        screenshot: (actor, id, proofId) => images.screenshot(actor, id, proofId),
      }),
    ],
    close() {
      clearInterval(timer);
      clearInterval(pushTimer);
    },
  };

  uploads.sweep();
  const timer = setInterval(() => {
    uploads.sweep();
  }, sweepEveryMs);
  timer.unref();
  // What could not be pushed while the registry was away.
  const pushTimer = setInterval(() => void artifacts.pushMissing(), pushEveryMs);
  pushTimer.unref();
  return images;
}

/** Drops keys that were not given: drizzle would write undefined as "leave", but the type asks for exactness. */
function given(changes: ImageChanges): Partial<ImageRow> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

/** Makes the folders, and removes what jobs that are over left in the work folder. */
function makeFolders({ dir, jobs }: ImagePorts): ImageFolders {
  const folders = {
    root: dir,
    incoming: join(dir, 'incoming'),
    work: join(dir, 'work'),
    proofs: join(dir, 'proofs'),
  };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(folders.work)) {
    const job = jobs.get(name.split('.')[0] ?? '');
    const live = job && ['queued', 'running', 'cancelling'].includes(job.state);
    if (!live) rmSync(join(folders.work, name), { recursive: true, force: true });
  }
  return folders;
}
