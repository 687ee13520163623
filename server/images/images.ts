import type { Actor, UserActor } from '../access/actor';
import type { RawRoute } from '../api/raw-route';
import type { Job } from '../jobs/job';
import type { GuestImage } from '../sites/site';
import type {
  BootTestInput,
  DiskImage,
  FetchInput,
  ImageChanges,
  ImageFilter,
  ImageSource,
  Visibility,
} from './schemas';
import type { Step, StoredFacts } from './stored';

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
}

/** What a site that runs VMs on this machine reads images by. */
export interface ImageLibrary {
  list(): Promise<GuestImage[]>;
  /** @throws Problem `not_found`, `conflict` while the image is not ready */
  path(id: string): Promise<{ path: string; format: 'qcow2' | 'iso' }>;
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

/** The images room. */
export interface Images {
  /** Images the actor may see, newest first. */
  list(actor: Actor, filter: ImageFilter): DiskImage[];
  /** @throws Problem `not_found` also for an image the actor may not see */
  get(actor: Actor, id: string): DiskImage;
  /** Whether the actor may make VMs from the image: for lists that come from a site. */
  mayUse(actor: Actor, id: string): boolean;
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
  /** Takes in the guest images that were built on this machine; those already here by digest are left alone. */
  importBuiltIn(guests: readonly BuiltInImage[], signal: AbortSignal): Promise<void>;
  /** Uploads, downloads and pictures, which stream on Node's own sockets. */
  readonly rawRoutes: readonly RawRoute[];
  /** Lets go of timers. */
  close(): void;
}
