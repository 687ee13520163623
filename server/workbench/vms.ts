import type { Actor } from '../access/actor';
import type { Job } from '../jobs/job';
import type { Vm, VmAndJob, VmEvent, VmPlan, VmView } from './model';
import type { ActVmInput, CreateVmInput, PlanVmInput } from './schemas';

/** What can be done with VMs. Every function throws Problem `not_found` for a VM that is not in the actor's projects. */
export interface Vms {
  list(actor: Actor, projectId: string): VmView[];
  get(actor: Actor, vmId: string): VmView;
  events(actor: Actor, vmId: string): VmEvent[];
  /** Whether the choices fit the site, and because of what not. */
  plan(actor: Actor, projectId: string, input: PlanVmInput): Promise<VmPlan>;
  /**
   * Stores the VM and starts the job that makes it.
   * @param requestKey the sender's key: the same key again gives the VM it made before
   * @throws Problem `conflict` for a name that is taken or a VM that does not fit, `invalid`
   */
  create(actor: Actor, projectId: string, input: CreateVmInput, requestKey?: string): Promise<VmAndJob>;
  /** Power actions. Long ones come with a job, quick ones are done on return. @throws Problem `conflict` by the gates */
  act(actor: Actor, vmId: string, input: ActVmInput): Promise<VmAndJob>;
  /** Deletes the VM and its disk, as a job. @throws Problem `conflict` by the gates */
  remove(actor: Actor, vmId: string): Job;
  /** A PNG of the screen, at most 4 seconds old. @throws Problem `conflict`, `unavailable` */
  screen(actor: Actor, vmId: string): Promise<{ png: Buffer; at: number }>;
  /** The console log from a byte offset on. @throws Problem `conflict`, `unavailable` */
  serial(actor: Actor, vmId: string, from: number): Promise<{ text: string; next: number }>;
  /** Marks a VM as being captured, so that nothing else touches it. @throws Problem `conflict` by the gates */
  hold(vmId: string, jobId: string): Vm;
  /** Ends a hold: the VM goes back to the state its site reports. */
  release(vmId: string): Promise<void>;
}
