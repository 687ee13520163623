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

/** A container image of a project, as the workbench's registry holds it. */
export interface ContainerImageFacts {
  /** With its whole path, `acme/web` for example. */
  name: string;
  tag: string;
  /** Digest of the manifest, or of the index over several platforms. */
  digest: string;
  mediaType: string;
  /** As `os/architecture` or `os/architecture/variant`. */
  platforms: string[];
  /** Bytes of everything the digest names. */
  size: number;
}

/** The text that a container app is deployed by: a Helm chart as one archive, or Kubernetes manifests. */
export interface DeploymentText {
  kind: 'chart' | 'manifests';
  fileName: string;
  base64: string;
}

/** What a container project is made of. */
export interface ContainerFacts {
  images: ContainerImageFacts[];
  deployment: DeploymentText;
}

/** The containers room, as this room sees it. */
export interface PackageContainers {
  /**
   * The images that the project's deployment text names, and the text.
   *
   * @throws Problem `not_found`; `conflict` without a deployment text, or when an image it names is not held
   */
  facts(actor: Actor, projectId: string): ContainerFacts | Promise<ContainerFacts>;
}

/** Everything a build needs, frozen when it was asked for. */
export interface PackageOrder {
  project: Omit<ProjectFacts, 'icon' | 'vms'>;
  icon: { type: string; base64: string } | undefined;
  vms: (VmFacts & { image: ImageFacts })[];
  /** Of a container project, which has no VMs. */
  containers: ContainerFacts | undefined;
  images: ImageMode;
  changeLog: string;
}
