/** What other Edgeyards run here: stacks on the site of this machine, made over REST. */
import type { UserActor } from '../access/actor';
import type { AuditedChange } from '../access/ports';
import { Problem } from '../problem';
import type { SiteRegistry } from './registry';
import type { CreateStackInput, PlanStackInput } from './stack-schemas';
import type { Stack, StackEvent, StackPlan, Stacks } from './stacks';

export interface HostedStackPorts {
  sites: Pick<SiteRegistry, 'stackHost'>;
  /** The site that is this machine. */
  siteId: string;
  mayUseImage(actor: UserActor, imageId: string): boolean;
  audit(record: AuditedChange): void;
}

export interface HostedStacks {
  /** What would be made, and what stands in the way. Changes nothing. @throws Problem `not_found`, `invalid` */
  plan(actor: UserActor, input: PlanStackInput, signal?: AbortSignal): Promise<StackPlan>;
  /**
   * Makes the stack, or goes on with what an earlier call made for the same deployment; nothing is left on failure, nor
   * when the caller goes away before the end.
   *
   * @throws Problem `not_found` for an image that is not here; as `Stacks.create`
   */
  create(actor: UserActor, input: CreateStackInput, signal?: AbortSignal): Promise<Stack>;
  /** @throws Problem `not_found` */
  get(deploymentId: string, signal?: AbortSignal): Promise<Stack>;
  /** Oldest first. @throws Problem `not_found` */
  events(deploymentId: string, signal?: AbortSignal): Promise<StackEvent[]>;
  /** Removes the stack with its VMs; none there is fine. */
  remove(actor: UserActor, deploymentId: string, signal?: AbortSignal): Promise<void>;
}

/** Opens the part. */
export function openHostedStacks(ports: HostedStackPorts): HostedStacks {
  const stacks = (): Stacks => {
    const site = ports.sites.stackHost(ports.siteId);
    if (!site.stacks) throw new Problem('conflict', 'sites.missing.stacks', { site: site.name });
    return site.stacks;
  };
  const requireImages = (actor: UserActor, images: Record<string, string>) => {
    const missing = Object.values(images).find((id) => !ports.mayUseImage(actor, id));
    if (missing !== undefined) throw new Problem('not_found', 'sites.errors.noImage', { id: missing });
  };
  const found = async (deploymentId: string, signal: AbortSignal | undefined): Promise<string> => {
    const ref = await stacks().find({ name: '', deploymentId }, { signal });
    if (ref === undefined) throw new Problem('not_found', 'sites.errors.noStack', { name: deploymentId });
    return ref;
  };

  return {
    async plan(actor, { topology, images }, signal) {
      requireImages(actor, images);
      return stacks().plan(topology, new Map(Object.entries(images)), { signal });
    },
    async create(actor, { images, ...wish }, signal) {
      requireImages(actor, images);
      const subject = { type: 'stack', id: wish.deploymentId };
      const before = await stacks().find(wish, { signal });
      const made = await stacks().create(
        // No job of ours: the caller's own finds it again by the deployment.
        { ...wish, jobId: wish.deploymentId, images: new Map(Object.entries(images)) },
        { signal },
      );
      if (before === undefined)
        ports.audit({ actor, action: 'stack.create', subject, detail: { name: wish.name } });
      return made;
    },
    async get(deploymentId, signal) {
      const stack = await stacks().get(await found(deploymentId, signal), { signal });
      if (!stack) throw new Problem('not_found', 'sites.errors.noStack', { name: deploymentId });
      return stack;
    },
    events: async (deploymentId, signal) => stacks().events(await found(deploymentId, signal), { signal }),
    async remove(actor, deploymentId, signal) {
      const ref = await stacks().find({ name: '', deploymentId }, { signal });
      if (ref === undefined) return;
      const before = await stacks().get(ref, { signal });
      await stacks().delete(ref, { signal });
      const subject = { type: 'stack', id: deploymentId };
      ports.audit({ actor, action: 'stack.delete', subject, detail: { name: before?.name ?? deploymentId } });
    },
  };
}
