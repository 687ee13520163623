/** Distribution: bringing synced releases to edges, and never what is there. */
import type { Actor, UserActor } from '../../access/actor';
import type { Job } from '../../jobs/job';
import type { PullAccess } from '../../sites/workloads';
import type {
  CellChoice,
  Distribution as DistributionView,
  DistributionPlan,
  DistributionSummary,
  Placement,
  PlanInput,
  StartDistribution,
} from './schemas';

/** Where an edge takes a container image of a release from: its own registry, or that of operations. */
export interface ImageAtEdge {
  /** As the package names it. */
  name: string;
  /** `address/repository@sha256:…`. */
  reference: string;
}

export interface Distributions {
  /**
   * What is where, and what would have to move. Changes nothing; an edge that does not answer costs its own cells alone.
   *
   * @throws Problem `not_found`; `conflict` for a release that is not in sync
   */
  plan(actor: Actor, input: PlanInput, signal?: AbortSignal): Promise<DistributionPlan>;
  /** Starts it: a job for each cell that is not present. @param requestKey the same key gives the same distribution */
  start(actor: UserActor, input: StartDistribution, requestKey?: string): Promise<DistributionView>;
  /** Newest first. */
  list(): DistributionSummary[];
  /** @throws Problem `not_found` */
  get(id: string): DistributionView;
  /** Runs failed and cancelled cells again. @throws Problem `not_found`, `conflict` when there are none */
  retry(actor: UserActor, id: string, choice: CellChoice): Job[];
  /** Stops cells that wait or run. @throws Problem `not_found` */
  cancel(actor: UserActor, id: string, choice: CellChoice): void;
  /** What was proved to be where. */
  placements(filter: { edgeId?: string | undefined; releaseId?: string | undefined }): Placement[];
  /**
   * The container images of a placed release as the edge is to name them, and the login it pulls with.
   *
   * @param holder what the login is for; see `RoomRegistries.pullAccess`
   * @throws Problem `conflict` when the release is not at the edge
   */
  imagesFor(
    releaseId: string,
    edgeId: string,
    holder: string,
  ): Promise<{ images: ImageAtEdge[]; pull: PullAccess | undefined }>;
  /** Takes a release away from an edge, as far as nothing there runs it. @throws Problem `not_found`, `conflict` */
  withdraw(actor: UserActor, releaseId: string, edgeId: string): Job;
}
