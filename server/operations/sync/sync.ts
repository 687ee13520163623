/** Stores and what is synced from them into the operations registry. */
import type { Actor, UserActor } from '../../access/actor';
import type { Job } from '../../jobs/job';
import type { PackageImage } from '../../packages/schemas';
import type { KubeObject } from '../../sites/workloads';
import type { AppTopology } from '../../sites/stacks';
import type { MecStores } from './mec-stores';
import type {
  CreateStore,
  ReleaseFilter,
  ReleaseList,
  ReleasePage,
  StartSync,
  StoreView,
  SyncedRelease,
  UpdateStore,
} from './schemas';

/** What a release of containers is deployed by. */
export interface ReleaseText {
  kind: 'chart' | 'manifests';
  /** Of a chart: its default values, YAML. */
  values: string;
  /** The objects it makes, images named as the package names them. @param values YAML over the defaults */
  objects(name: string, values: string, signal: AbortSignal): Promise<KubeObject[]>;
}

export interface Sync {
  stores: {
    /** The own store first, then by name. */
    list(): StoreView[];
    /** URLs of the stores and of their registries; nothing else of them is looked at. */
    addresses(): string[];
    /** Its catalogue is read at once. @throws Problem `conflict` for a name or address that is taken */
    create(actor: UserActor, input: CreateStore): StoreView;
    /** @throws Problem `not_found`, `conflict`; `invalid` when a stored secret would go to another address */
    update(actor: UserActor, id: string, input: UpdateStore): StoreView;
    /** Forgets a store; what was synced from it stays. @throws Problem `not_found`, `forbidden` for the own one */
    remove(actor: UserActor, id: string): void;
    /** Starts to read its catalogue; asked twice at once, both get the same job. @throws Problem `not_found` */
    refresh(actor: UserActor, id: string): Job;
  };
  /** What the catalogues said when they were last read, newest first. */
  releases(filter: ReleaseFilter): SyncedRelease[];
  /** A page of them. */
  page(page: ReleasePage): ReleaseList;
  /** @throws Problem `not_found` */
  release(id: string): SyncedRelease;
  /**
   * Starts to sync releases, a job for each; one that is being synced keeps its job. What is in sync and unchanged is
   * done at once, with the proof in the job's log.
   *
   * @throws Problem `not_found`; `conflict` for one that was withdrawn before it was synced
   */
  start(actor: UserActor, input: StartSync): Job[];
  /** Path of a synced package, proved again against its digest. @throws Problem `conflict` before it is in sync; `failed` when its bytes changed */
  packagePath(id: string): Promise<{ path: string; size: number; sha256: string; fileName: string }>;
  /** The VMs a release asks for. @throws Problem as packagePath; `invalid` for one of containers */
  topology(id: string): Promise<{ topology: AppTopology; images: PackageImage[] }>;
  /** What a release of containers is deployed by. @throws Problem as packagePath; `invalid` for one of VMs */
  text(id: string): Promise<ReleaseText>;
  /** Drops what is synced of a release, here and from the registry. @throws Problem `not_found`, `conflict` while an edge has it */
  remove(actor: UserActor, id: string): Promise<void>;
  /** Whether the actor may see operations at all: developers read, operators act. */
  nameOf(actor: Actor, id: string): string;
  /** The same as EdgeGallery's MECM tells of it. */
  mecStores: MecStores;
  /** Name of a store, for jobs. @throws Problem `not_found` */
  storeNameOf(id: string): string;
  /** Takes up what an earlier process left, and begins to read stores by their schedules. */
  open(): Promise<void>;
  close(): Promise<void>;
}
