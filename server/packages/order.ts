/** What a package is built from, and the ports of the rooms that know it. */
import type { AuditedChange } from '../access/ports';
import type { Actor } from '../access/actor';
import type { PortForward } from '../sites/site';
import type { BootProof, ImageMode } from './schemas';

/** A VM of a project, as the package's descriptor needs it. */
export interface VmFacts {
  name: string;
  vcpus: number;
  memoryMiB: number;
  diskGiB: number;
  imageId: string;
  networkName: string;
  forwards: readonly PortForward[];
  userData: string | undefined;
}

/** A project, as a package and the store tell of it. */
export interface ProjectFacts {
  id: string;
  name: string;
  version: string;
  provider: string;
  kind: 'vm' | 'container';
  description: string;
  /** Markdown. */
  readme: string;
  icon: { type: string; data: Buffer } | undefined;
  industry: string;
  type: string;
  /** As EdgeGallery writes it: `X86`, `ARM64`. */
  architecture: string;
  /** Milliseconds since 1970 of the last change: the package's date, so that an unchanged project gives the same bytes. */
  updatedAt: number;
  vms: readonly VmFacts[];
}

/** The workbench, as this room sees it. */
export interface PackageProjects {
  /** @throws Problem `not_found` when the actor may not see the project */
  facts(actor: Actor, projectId: string): ProjectFacts | Promise<ProjectFacts>;
  canSee(actor: Actor, projectId: string): boolean;
  idsOf(actor: Actor): readonly string[] | 'all';
}

/** A disk image that can go into a package. */
export interface ImageFacts {
  id: string;
  name: string;
  os: string | undefined;
  architecture: 'x86_64' | 'aarch64';
  format: 'qcow2' | 'iso';
  /** `sha256:…` and MD5 in hex of the stored file. */
  digest: string;
  md5: string;
  size: number;
  virtualSize: number;
  minDiskGiB: number;
  minMemoryMiB: number;
}

/** The images room, as this room sees it. */
export interface PackageImages {
  /** @throws Problem `not_found`, or `conflict` while the image is not ready */
  facts(actor: Actor, imageId: string): ImageFacts | Promise<ImageFacts>;
  /** Path of an image's file; undefined when it is gone. */
  path(imageId: string): string | undefined;
  /** Boots that were watched of an image with these bytes, newest first. */
  proofs(digest: string): readonly BootProof[];
  /** Path of the picture of a boot; undefined when there is none. */
  screenshot(proofId: string): string | undefined;
}

/** The audit log, as this room and the store see it. */
export interface PackagesAudit {
  record(entry: AuditedChange): void;
}

/** Everything a build needs, frozen when it was asked for. */
export interface PackageOrder {
  project: Omit<ProjectFacts, 'icon' | 'vms'>;
  icon: { type: string; base64: string } | undefined;
  vms: (VmFacts & { image: ImageFacts })[];
  images: ImageMode;
  changeLog: string;
}
