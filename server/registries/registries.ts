/** The registries room: where each room keeps its images, and what is in there. */
import type { UserActor } from '../access/actor';
import type { Job, Said } from '../jobs/job';
import type { CopyOptions, CopyReport, Registry } from '../oci/oci';
import type { PullAccess } from '../sites/workloads';
import type {
  ArtifactView,
  BundledView,
  CreateRobot,
  ExamineRegistry,
  RegistryLight,
  RegistryRole,
  RegistryRow,
  RegistryView,
  RepositoryDetail,
  RepositoryView,
  RobotView,
  SetRegistry,
} from './schemas';

/** The registry of one room, as the rooms use it. */
export interface RoomRegistry {
  role: RegistryRole;
  /** A client that is logged in. */
  registry: Registry;
  /** Name of a repository in it: the role's path prefix, then the name's own path. */
  repository: (...path: string[]) => string;
  /** How somebody else (an edge, a person's `skopeo`) names it: `host:port` before a repository's name. */
  address: string;
}

/** Something that must not be deleted, because this uses it. */
export interface ImageUse {
  kind: 'image' | 'containerImage' | 'package' | 'release' | 'deployment';
  id: string;
  name: string;
  /** Where it can be looked at, a path of our pages. */
  href: string | undefined;
}

/** Something in the registry of a room: the repository's whole name there, and a tag or a digest. */
export interface RoomArtifact {
  role: RegistryRole;
  repository: string;
  reference: string;
}

/** The registries room, as other rooms see it. */
export interface RoomRegistries {
  /**
   * Moves an artifact from one room's registry into another's, and nothing that is there already.
   *
   * @param log hears how it went, in words that prove it (both digests, bytes sent and not sent)
   * @throws Problem of `registries.errors.*`
   */
  copy(
    from: RoomArtifact,
    to: RoomArtifact,
    options: CopyOptions & { log?: ((line: Said) => void) | undefined },
  ): Promise<CopyReport>;
  /** @throws Problem `unavailable` while the registry of that role does not answer, with its reason */
  of(role: RegistryRole): Promise<RoomRegistry>;
  /**
   * A login that may pull from these repositories and do nothing else, for a site.
   *
   * @param holder what it is for (`deployment:<id>`); given again the same login is returned
   */
  pullAccess(role: RegistryRole, repositories: string[], holder: string): Promise<PullAccess>;
  /** Takes the login back. */
  revokePull(holder: string): void;
  /** Whom pull logins are for now. */
  pullHolders(): string[];
  /** A room says what of its things uses a manifest: asked before anything is deleted. */
  usedBy(asker: (role: RegistryRole, repository: string, digest: string) => ImageUse[]): void;
}

/** What is in the registries. Developers may look into the workbench's; @throws Problem `forbidden` for another. */
export interface Browse {
  /** Repositories of a role, by name. @throws Problem `unavailable` */
  repositories(actor: UserActor, role: RegistryRole, signal?: AbortSignal): Promise<RepositoryView[]>;
  /**
   * What a repository holds.
   *
   * @param repository its whole name, with the role's prefix
   * @throws Problem `not_found`, also for a name outside the role's prefix; `unavailable`
   */
  repository(
    actor: UserActor,
    role: RegistryRole,
    repository: string,
    signal?: AbortSignal,
  ): Promise<RepositoryDetail>;
  /** One manifest. @throws Problem `not_found`, `unavailable` */
  artifact(
    actor: UserActor,
    role: RegistryRole,
    repository: string,
    digest: string,
    signal?: AbortSignal,
  ): Promise<ArtifactView>;
  /**
   * Removes a manifest and its tags; its blobs go with the next collection of garbage.
   *
   * @throws Problem `conflict` that names what uses it; `not_found`, `unavailable`, `forbidden` where deleting is off
   */
  remove(actor: UserActor, role: RegistryRole, repository: string, digest: string): Promise<void>;
}

/** Logins for machines. */
export interface Robots {
  list(): RobotView[];
  /** The secret is in this answer and never again. @throws Problem `conflict` for a name that is taken; `invalid` */
  create(actor: UserActor, input: CreateRobot): RobotView & { secret: string };
  /** What it has started with a token goes on for minutes at most. @throws Problem `not_found` */
  revoke(actor: UserActor, id: string): void;
}

/** The room. */
export interface Registries extends RoomRegistries {
  /** How each role's registry stands. */
  list(): RegistryView[];
  adminList(): Promise<RegistryRow[]>;
  /** The registry that comes with Edgeyard. */
  bundled(): Promise<BundledView>;
  /**
   * Sets a role's registry. With `move` a job copies what is there and switches then; else it switches at once.
   *
   * @returns the job of the move, if there is one
   * @throws Problem `forbidden` when edgeyard.yaml sets it; `invalid`; `conflict` while a move runs
   */
  set(actor: UserActor, role: RegistryRole, input: SetRegistry): Promise<Job | undefined>;
  /** Copies what the former registry of a role still holds. @throws Problem `conflict` when there is none */
  moveLeft(actor: UserActor, role: RegistryRole): Job;
  /** Tries a registry, saved or not, and tells how far it comes; the push is of an empty upload that is cancelled. */
  examine(input: ExamineRegistry, signal?: AbortSignal): AsyncIterable<RegistryLight>;
  /** Frees what nothing refers to any more, in the bundled registry. @throws Problem `conflict` while one runs */
  collectGarbage(actor: UserActor): Job;
  browse: Browse;
  robots: Robots;
  /**
   * Starts the bundled registry where a role uses it, and looks at the others; waits for none.
   *
   * @param baseUrl where browsers and Docker reach this process: its tokens are fetched from there
   */
  open(baseUrl: string): void;
  close(): Promise<void>;
}
