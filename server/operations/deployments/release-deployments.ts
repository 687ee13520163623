/** Releases that run at edges. */
import type { Actor, UserActor } from '../../access/actor';
import type { Job } from '../../jobs/job';
import type { ProblemReport } from '../../problem';
import type {
  Deployment,
  DeploymentLogsInput,
  DeployReleaseInput,
  PlanReleaseInput,
  ReleasePlan,
  UpgradeInput,
  UpgradePlan,
} from './schemas';

export interface ReleaseDeployments {
  /**
   * What would be made at an edge, and what stands in the way. Changes nothing.
   *
   * @throws Problem `not_found`; `conflict` when the release is not at the edge; `invalid` for values that are wrong
   */
  planRelease(actor: Actor, input: PlanReleaseInput, signal?: AbortSignal): Promise<ReleasePlan>;
  /**
   * Starts a deployment at each edge. One edge that refuses stops no other.
   *
   * @param requestKey the same key gives the deployments it started before
   * @throws Problem `invalid` for parameters; when no edge takes it, what the first said
   */
  deployRelease(
    actor: UserActor,
    input: DeployReleaseInput,
    requestKey?: string,
  ): Promise<{
    started: { deployment: Deployment; job: Job }[];
    refused: { edgeId: string; problem: ProblemReport }[];
  }>;
  /** @throws Problem as planRelease; `forbidden` for who may not upgrade; `conflict` for a release of another app */
  planUpgrade(actor: Actor, id: string, input: UpgradeInput, signal?: AbortSignal): Promise<UpgradePlan>;
  /** Starts to bring it to another release or other values; when that fails, what ran before runs again. */
  upgrade(actor: UserActor, id: string, input: UpgradeInput): Promise<{ deployment: Deployment; job: Job }>;
  /** Starts to bring back an earlier revision, the one before this when absent. @throws Problem `conflict` when there is none */
  rollBack(actor: UserActor, id: string, revision?: number): Promise<{ deployment: Deployment; job: Job }>;
  /** Lines of a container's output. @throws Problem `not_found`; `conflict` for VMs, and while nothing of it is there */
  logs(actor: Actor, input: DeploymentLogsInput, follow: boolean, signal: AbortSignal): AsyncIterable<string>;
}
