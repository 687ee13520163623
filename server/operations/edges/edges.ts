/** Edges: the sites of purpose `edge`, and what operations know of them beside what their site says. */
import type { UserActor } from '../../access/actor';
import type { Registry } from '../../oci/oci';
import type { PullAccess } from '../../sites/workloads';
import type { MecHosts } from './mec-hosts';
import type { EdgeView, ImportedEdge, ImportEdges, UpdateEdge } from './schemas';

/** The registry that an edge pulls from, as operations fill it. */
export interface EdgeRegistry {
  /** A client that is logged in and may push. */
  registry: Registry;
  /** Name of a repository in it: the edge's path prefix, then the name's own path. */
  repository: (...path: string[]) => string;
  /** How the edge names it and gets in: with the login that may only pull, where there is one. */
  pull: PullAccess;
}

/** The edges. Everybody who may see operations sees all of them. */
export interface Edges {
  /** By name. */
  list(): EdgeView[];
  /** URLs of the edges' own registries; nothing else of the edges is looked at. */
  registryUrls(): string[];
  /** @throws Problem `not_found`, also for a site that is no edge */
  get(id: string): EdgeView;
  /**
   * Changes labels, place or registry. Without a password the stored one stays, where address and user are the same.
   *
   * @throws Problem `not_found`; `forbidden` for a registry set by somebody who is no administrator; `invalid` when a
   *   stored password would go to another address
   */
  update(actor: UserActor, id: string, input: UpdateEdge): EdgeView;
  /** Says what an import would do, and changes nothing. @throws Problem `invalid` for a file that cannot be read, with its line */
  previewImport(input: ImportEdges): ImportedEdge[];
  /**
   * Makes sites of purpose `edge`, or changes those of the same name. What is refused stops no other.
   *
   * @throws Problem as previewImport
   */
  import(actor: UserActor, input: ImportEdges): ImportedEdge[];
  /** Looks at an edge now. @throws Problem `not_found` */
  check(id: string, signal?: AbortSignal): Promise<EdgeView>;
  /** The edge's own registry; undefined when it has none. @throws Problem `not_found`, `unavailable` */
  registryOf(id: string): Promise<EdgeRegistry | undefined>;
  /** Remembers how fast bytes went there, for the next plan's time. */
  measured(id: string, bytes: number, ms: number): void;
  /** The edges as EdgeGallery's inventory names them, by address. */
  mecHosts: MecHosts;
  /** Begins to look at all edges in the background, every minute. */
  open(): void;
  close(): Promise<void>;
}
