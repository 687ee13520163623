/** Packages of the workbench that are tried out as stacks. */
import type { Actor, UserActor } from '../../access/actor';
import { newId } from '../../db/id';
import type { Job, JobKind } from '../../jobs/job';
import { Problem, problemFrom } from '../../problem';
import type { StackPlan } from '../../sites/stacks';
import type { DeploymentJobInput } from './deployment-jobs';
import { requireFreeName, secretsName, type DeploymentRow, type DeploymentRows } from './deployment-rows';
import { toDeployment } from './deployment-view';
import { sortedParameters } from './parameters';
import type { DeploymentPorts } from './ports';
import type { CreateDeploymentInput, Deployment, PlanDeploymentInput } from './schemas';
import { stacksOf } from './stack-ground';

export interface PackageDeployments {
  /**
   * What would be sent to the site, and what stands in the way. Changes nothing.
   * @throws Problem `not_found`, `conflict` for a site without stacks, `invalid` for a package without VMs
   */
  plan(actor: Actor, input: PlanDeploymentInput, signal?: AbortSignal): Promise<StackPlan>;
  /**
   * Starts to deploy a package.
   *
   * @param requestKey the same key gives the deployment it started before
   * @throws Problem as `plan`; `conflict` for a name that is taken on the site or a plan with reasons against it;
   *   `invalid` for parameters that are missing, unknown or of another type
   */
  create(
    actor: UserActor,
    input: CreateDeploymentInput,
    requestKey?: string,
  ): Promise<{ deployment: Deployment; job: Job }>;
}

/** Opens them. */
export function openPackageDeployments(
  ports: DeploymentPorts,
  rows: DeploymentRows,
  creation: JobKind<DeploymentJobInput>,
): PackageDeployments {
  const { db, packages } = ports;

  const prepared = async (actor: Actor, { packageId, siteId }: PlanDeploymentInput, signal?: AbortSignal) => {
    const { topology, images } = await packages.topology(actor, packageId);
    const ours = new Map<string, string>();
    for (const { name, digest } of images) {
      const imageId = digest === null ? undefined : ports.imageByDigest(actor, digest);
      if (imageId !== undefined) ours.set(name, imageId);
    }
    const plan = await stacksOf(ports, siteId).plan(topology, ours, { signal });
    return { plan, images: ours };
  };

  return {
    plan: async (actor, input, signal) => (await prepared(actor, input, signal)).plan,

    async create(actor, input, requestKey) {
      const source = packages.get(actor, input.packageId);
      const { plan, images } = await prepared(actor, input);
      const [against] = plan.reasons;
      if (against) throw problemFrom({ code: 'conflict', ...against });
      const { open, hidden } = sortedParameters(plan.parameters, input.parameters);
      const site = ports.sites.stackHost(input.siteId);
      const id = newId('dep');
      return db.transaction(() => {
        const job = creation.start({
          input: { deploymentId: id },
          subject: { type: 'deployment', id },
          projectId: source.projectId ?? undefined,
          actorId: actor.userId,
          idempotencyKey: requestKey,
        });
        const before = rows.find(job.subject.id);
        if (before) return { deployment: toDeployment(before, actor), job };
        // The key is of a deployment that was removed since: its job is over, and nothing would make a new one.
        if (job.subject.id !== id) throw new Problem('gone', 'deployments.errors.noDeployment');
        requireFreeName(rows, site, input.name);
        const row: DeploymentRow = {
          id,
          name: input.name,
          runs: 'stack',
          releaseId: null,
          revisions: [],
          parts: [],
          endpoints: [],
          values: '',
          packageId: source.id,
          packageName: source.name,
          packageVersion: source.version,
          projectId: source.projectId,
          siteId: site.id,
          siteName: site.name,
          stackRef: null,
          state: 'creating',
          reason: '',
          template: plan.template,
          parameters: open,
          images: Object.fromEntries(images),
          outputs: [],
          resources: [],
          jobId: job.id,
          createdBy: actor.userId,
          createdByName: actor.name,
          createdAt: Date.now(),
        };
        if (Object.keys(hidden).length > 0) ports.secrets.put(secretsName(id), JSON.stringify(hidden));
        rows.insert(row);
        const detail = {
          name: row.name,
          package: `${row.packageName} ${row.packageVersion}`,
          site: row.siteName,
        };
        ports.audit({ actor, action: 'deployment.create', subject: { type: 'deployment', id }, detail });
        return { deployment: toDeployment(row, actor), job };
      });
    },
  };
}
