/** Deployments of VMs: one stack at the site for each revision. */
import type { StepContext } from '../../jobs/job';
import { Problem } from '../../problem';
import type { Stack, StackEvent, StackMark, Stacks } from '../../sites/stacks';
import type { DeploymentPorts } from './ports';
import type { DeploymentRow } from './deployment-rows';
import type { RevisionContent } from './revisions';

/** The stacks of a site. @throws Problem `not_found`, `unavailable`; `conflict` for a site without stacks */
export function stacksOf({ sites }: Pick<DeploymentPorts, 'sites'>, siteId: string): Stacks {
  const site = sites.stackHost(siteId);
  if (!site.stacks) throw new Problem('conflict', 'sites.missing.stacks', { site: site.name });
  return site.stacks;
}

/** What a look at a stack changes in its row. */
export function seenStack(stack: Stack): Pick<DeploymentRow, 'state' | 'reason' | 'outputs' | 'resources'> {
  return { state: stack.state, reason: stack.reason, outputs: stack.outputs, resources: stack.resources };
}

/**
 * What the stack of a revision is found again by. The first has the deployment's own name and id; later ones stand
 * beside it until they are ready, so both differ.
 */
export function stackMarkOf({ id, name }: Pick<DeploymentRow, 'id' | 'name'>, revision: number): StackMark {
  return revision <= 1
    ? { name, deploymentId: id }
    : { name: `${name}-r${revision}`, deploymentId: `${id}-r${revision}` };
}

/** Has the site make a stack, or goes on with the one an earlier try made. @throws Problem as `Stacks.create` */
export async function createStack(
  { sites }: DeploymentPorts,
  row: Pick<DeploymentRow, 'siteId' | 'parameters'>,
  wish: Omit<RevisionContent, 'objects'> & StackMark & { jobId: string },
  step: StepContext,
): Promise<Stack> {
  // What goes on after a restart must not fail because a cloud takes its time.
  await sites.stackHostOpened(row.siteId, step.signal);
  return stacksOf({ sites }, row.siteId).create(
    {
      name: wish.name,
      deploymentId: wish.deploymentId,
      jobId: wish.jobId,
      template: wish.template,
      parameters: { ...row.parameters, ...wish.hidden },
      images: new Map(Object.entries(wish.images)),
    },
    {
      signal: step.signal,
      event: tellTo(step),
      report: ({ event, params = {}, detail }) => {
        step.log({ key: `sites.events.${event}`, params, detail });
      },
    },
  );
}

/** The site's own events, as they come. */
export function tellTo(step: StepContext): (event: StackEvent) => void {
  return ({ resource, status, reason }) => {
    const line = [resource, status, reason].filter((part) => part !== '').join(' · ');
    step.log(line);
    step.message(line);
  };
}

/**
 * Removes the stacks of a deployment. Those whose id is not known are found by name and mark: a crash may have come
 * before an id was stored.
 */
export async function deleteStacks(
  { sites }: DeploymentPorts,
  row: Pick<DeploymentRow, 'siteId'>,
  wanted: readonly (StackMark & { ref: string | null })[],
  call: { signal: AbortSignal; event?: (event: StackEvent) => void },
): Promise<void> {
  await sites.stackHostOpened(row.siteId, call.signal);
  const stacks = stacksOf({ sites }, row.siteId);
  for (const { name, deploymentId, ref: known } of wanted) {
    const ref = known ?? (await stacks.find({ name, deploymentId }, { signal: call.signal }));
    if (ref !== undefined) await stacks.delete(ref, call);
  }
}
