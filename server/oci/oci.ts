/**
 * A registry as the OCI distribution specification 1.1 (and Docker's Registry HTTP API V2 before it) lets one see it.
 * Nothing here knows the rooms: they say where a registry is and what to move, and get facts or a {@link RegistryError}.
 */
import type { Readable } from 'node:stream';

/** Where a registry is and how to be let in. */
export interface RegistryAccess {
  /** `http://` or `https://`, host and port; never a path, a repository's name carries its prefix. */
  url: string;
  /** Certificates in PEM that are trusted beside the system's. */
  ca?: string | undefined;
  /** For HTTP Basic, and for the token server that a Bearer challenge names; absent: nobody in particular. */
  login?: { user: string; password: string } | undefined;
  /**
   * In place of the token server that a Bearer challenge names: a token for these scopes (`repository:a/b:pull,push`),
   * and when it expires, in milliseconds since 1970.
   */
  token?:
    ((scopes: readonly string[], call: Call) => Promise<{ token: string; expiresAt: number }>) | undefined;
}

/** A piece of content, as manifests name their parts (image-spec, "descriptor"). */
export interface Descriptor {
  mediaType: string;
  /** `sha256:` and 64 hex digits. */
  digest: string;
  /** Bytes. */
  size: number;
  annotations?: Record<string, string> | undefined;
  platform?: Platform | undefined;
  artifactType?: string | undefined;
}

export interface Platform {
  os: string;
  architecture: string;
  variant?: string | undefined;
}

/** A manifest of one image or artifact: Docker schema 2, or OCI. */
export interface ImageManifest {
  kind: 'image';
  mediaType: string;
  artifactType: string | undefined;
  config: Descriptor;
  layers: Descriptor[];
  /** The manifest this one tells about (a signature, say). */
  subject: Descriptor | undefined;
  annotations: Record<string, string>;
}

/** A list of manifests, one for each platform: Docker's manifest list, or an OCI index. */
export interface IndexManifest {
  kind: 'index';
  mediaType: string;
  artifactType: string | undefined;
  manifests: Descriptor[];
  subject: Descriptor | undefined;
  annotations: Record<string, string>;
}

/** A manifest with the bytes its digest was taken of: those are what is sent on, never a second rendering. */
export interface StoredManifest {
  descriptor: Descriptor;
  bytes: Buffer;
  manifest: ImageManifest | IndexManifest;
}

export interface Call {
  signal?: AbortSignal | undefined;
}

/** One registry. Every method throws {@link RegistryError}. */
export interface Registry {
  readonly url: string;
  /** Asks the base address, logs in where that is asked for. */
  ping(call?: Call): Promise<void>;
  /** What a tag or a digest stands for now, by one HEAD; undefined when there is none. */
  head(repository: string, reference: string, call?: Call): Promise<Descriptor | undefined>;
  /** The manifest, its bytes proved against the digest; undefined when there is none. */
  manifest(repository: string, reference: string, call?: Call): Promise<StoredManifest | undefined>;
  /** @param reference a tag, or the digest of the bytes */
  putManifest(
    repository: string,
    reference: string,
    mediaType: string,
    bytes: Buffer,
    call?: Call,
  ): Promise<Descriptor>;
  /** Size in bytes of a blob that is there, by one HEAD; undefined when it is not. */
  hasBlob(repository: string, digest: string, call?: Call): Promise<number | undefined>;
  /**
   * A blob's bytes. Read whole they are proved against the digest: the stream fails at the end when they differ. A
   * connection that breaks is taken up again where it broke.
   *
   * @param call `range`: first and last byte, both included; then no digest can be proved
   */
  blob(
    repository: string,
    digest: string,
    call?: Call & { range?: { from: number; to: number } | undefined },
  ): Promise<Readable>;
  /**
   * Sends a blob, unless it is there. A broken connection is taken up again where the registry says it broke.
   *
   * @param from gives the blob's bytes from an offset on; called again after a break
   * @param call `sent` is told every few bytes how many the registry has got in all; `absent`: the caller asked a moment
   *   ago, and it was not there
   * @returns whether bytes were sent, and how many
   */
  putBlob(
    repository: string,
    blob: { digest: string; size: number },
    from: (offset: number) => Readable | Promise<Readable>,
    call?: Call & { sent?: ((bytes: number) => void) | undefined; absent?: boolean | undefined },
  ): Promise<{ sent: number }>;
  /**
   * Sends bytes whose digest is known only at their end (a stream that is read once); nothing of it is kept elsewhere.
   *
   * @param call `expected`: digest and size that the bytes must have; checked before the blob is completed
   */
  streamBlob(
    repository: string,
    source: Readable,
    call?: Call & { expected?: { digest: string; size?: number | undefined } | undefined },
  ): Promise<{ digest: string; size: number }>;
  /** Takes a blob over from another repository of the same registry; false when the registry will not. */
  mount(repository: string, digest: string, fromRepository: string, call?: Call): Promise<boolean>;
  /** Tags of a repository, all pages; none where the repository is not there. */
  tags(repository: string, call?: Call): Promise<string[]>;
  /** Names of repositories (`/v2/_catalog`), all pages, those with the prefix. */
  repositories(prefix: string, call?: Call): Promise<string[]>;
  /** Manifests whose subject this is; by the referrers API, or the tag that stands in for it. */
  referrers(repository: string, digest: string, call?: Call): Promise<Descriptor[]>;
  /** Removes a manifest by digest; one that is not there is fine. @throws RegistryError `refused` where that is off */
  deleteManifest(repository: string, digest: string, call?: Call): Promise<void>;
  /** Lets go of its sockets. */
  close(): Promise<void>;
}

/** Why a registry did not do what was asked. */
export type RegistryFault =
  | 'dns'
  | 'unreachable'
  | 'tls'
  | 'timeout'
  | 'cut'
  | 'unauthorized'
  /** A token that was just made is refused, and the clocks of who made it and of the registry differ. */
  | 'clock'
  | 'forbidden'
  | 'notFound'
  /** The image is not for a platform that was asked for. */
  | 'noPlatform'
  | 'refused'
  | 'tooMany'
  | 'tooLarge'
  | 'noSpace'
  | 'notARegistry'
  | 'unsupported'
  | 'wrongDigest'
  | 'changed'
  | 'server'
  | 'cancelled';

/** An error with the registry's own words, which hold no secret. */
export class RegistryError extends Error {
  constructor(
    readonly fault: RegistryFault,
    message: string,
    readonly facts: {
      /** HTTP status, where there was an answer. */
      status?: number | undefined;
      /** Code and text of the registry's own error list. */
      words?: string | undefined;
      url?: string | undefined;
      /** Platforms that were asked for and are not there, and those that are: `linux/amd64, linux/arm64`. */
      asked?: string | undefined;
      platforms?: string | undefined;
    } = {},
    cause?: unknown,
  ) {
    super(message, { cause });
    this.name = 'RegistryError';
  }
}

/** A name in a registry: repository with its whole path, and a tag or a digest. */
export interface ArtifactAt {
  registry: Registry;
  repository: string;
  reference: string;
}

/** What a copy did, in facts that prove it. */
export interface CopyReport {
  /** Digest at the source, and at the target afterwards: equal. */
  digest: string;
  /** `unchanged`: the target had it under this name; one request on each side, at most two in all, told so. */
  outcome: 'unchanged' | 'copied';
  mediaType: string;
  /** Bytes of all blobs and manifests of the artifact; undefined for an index that was not walked whole. */
  bytes: number | undefined;
  bytesSent: number;
  blobsSent: number;
  blobsMounted: number;
  blobsThere: number;
  tookMs: number;
}

export interface CopyOptions extends Call {
  /**
   * Platforms to copy, each of which must be there; absent: all. Of an index that has more a new one is written with
   * those, under a digest of its own.
   */
  platforms?: readonly Platform[] | undefined;
  /** Blobs of other repositories at the target that could be mounted: digest → repository. */
  mountable?: ((digest: string) => string | undefined) | undefined;
  /** Manifests that have this one as subject (signatures, say) come along. Default true. */
  referrers?: boolean | undefined;
  /** The digest the source must have; else `changed` is thrown and nothing is written under the name. */
  expect?: string | undefined;
  /** Blobs sent at once. Default 8. */
  parallel?: number | undefined;
  progress?: ((done: number, total: number) => void) | undefined;
}
