/** The workbench's things as its functions give them out. */
import type { ProblemReport } from '../problem';
import type { Job } from '../jobs/job';
import type { Capability } from '../sites/capabilities';
import type { SiteState } from '../sites/schemas';
import type { BootPhase, CloudWish, FlavorChoice, PortForward, SiteKind, StopReason } from '../sites/site';
import type { Architecture, IconType, ProjectKind, VmEventKind } from './schemas';
import type { Gate, VmAction, VmState } from './vm-gates';

export interface Project {
  id: string;
  ownerId: string;
  name: string;
  kind: ProjectKind;
  version: string;
  provider: string;
  description: string;
  /** Markdown. */
  readme: string;
  industry: string;
  type: string;
  architecture: Architecture;
  hasIcon: boolean;
  sshPublicKey: string;
  createdAt: number;
  updatedAt: number;
}

/** What the actor is to a project; decides on settings and deletion. */
export type ProjectRole = 'owner' | 'member' | 'admin';

export interface VmGlance {
  id: string;
  name: string;
  state: VmState;
  /** Whether a picture of the screen can be had now. */
  screen: boolean;
}

export interface ProjectView extends Omit<Project, 'hasIcon'> {
  ownerName: string;
  /** Path of the icon, with its version; undefined when there is none. */
  iconUrl: string | undefined;
  role: ProjectRole;
  vms: VmGlance[];
  /** The job that deletes it now. */
  removalJobId: string | undefined;
}

export interface Member {
  userId: string;
  name: string;
  owner: boolean;
  addedAt: number;
}

/** Something that goes when a project is deleted. */
export interface Belonging {
  type: 'vm' | 'image' | 'package' | 'containerImage' | 'testDeployment';
  id: string;
  name: string;
  /** Bytes on disk where known. */
  size: number | undefined;
}

/** `missing`: the site no longer knows the VM. */
export type VmReason = StopReason | 'missing';

export interface Vm {
  id: string;
  projectId: string;
  name: string;
  siteId: string;
  /** The site's own id; undefined before it was made there. */
  siteRef: string | undefined;
  state: VmState;
  stateSince: number;
  /** Why it is stopped or failed: a word of `sites.reasons.<word>`. */
  reason: VmReason | undefined;
  /** The site's foreign words behind the reason. */
  reasonDetail: string | undefined;
  problem: ProblemReport | undefined;
  flavor: FlavorChoice;
  vcpus: number;
  memoryMiB: number;
  diskGiB: number;
  imageId: string;
  imageName: string;
  login: string | undefined;
  networkId: string;
  networkName: string;
  /** A fixed address that was asked for. */
  address: string | undefined;
  forwards: PortForward[];
  /** What was asked of a cloud. */
  cloud: CloudWish | undefined;
  sshKeys: string[];
  userData: string | undefined;
  /** What it was created with; sizes in bytes. */
  files: { path: string; mode: string; size: number }[];
  toolIds: string[];
  jobId: string | undefined;
  createdBy: string | undefined;
  createdAt: number;
}

/** How the present start stands, told from the serial line. */
export interface BootView {
  startedAt: number | undefined;
  phases: { phase: BootPhase; at: number }[];
  /**
   * `booting`; `booted` when a login prompt came; `silent` when it runs, but no login prompt came within
   * `silentAfterMs`; `panic`; `idle` when it does not run.
   */
  verdict: 'idle' | 'booting' | 'booted' | 'silent' | 'panic';
  silentAfterMs: number;
}

/** A VM as pages and the REST API see it. */
export interface VmView extends Omit<Vm, 'sshKeys'> {
  projectName: string;
  siteName: string;
  siteKind: SiteKind | undefined;
  /** Why the VM's state is only the last known one, and since when; undefined while its site can be asked. */
  siteDown: { state: SiteState; since: number; problem: ProblemReport | undefined } | undefined;
  capabilities: Capability[];
  addresses: string[];
  /** Those of the addresses that are floating IPs. */
  floating: string[];
  ssh: { host: string; port: number } | undefined;
  boot: BootView;
  gates: Record<VmAction, Gate>;
  /** Fingerprint of the pinned host key, as OpenSSH prints it. */
  hostKey: string | undefined;
  /** How many SSH keys of people it was created with; the project's own is always there. */
  ownKeys: number;
}

export interface VmEvent {
  id: number;
  at: number;
  kind: VmEventKind;
  value: string;
  detail: string | undefined;
  actorName: string | undefined;
}

/** One line of "fits / does not fit, because". */
export interface PlanReason {
  key: string;
  params: Record<string, string | number>;
}

export interface VmPlan {
  fits: boolean;
  reasons: PlanReason[];
  size: { vcpus: number; memoryMiB: number; diskGiB: number } | undefined;
  /** What is asked and what is free at the site; -1 as free and total where there is no limit. */
  amounts: { resource: 'vcpus' | 'memoryMiB' | 'diskGiB'; asked: number; free: number; total: number }[];
  /** Steps of the job that would run; `jobs.steps.vm.create.<name>` says each in words. */
  steps: string[];
}

/** A VM and the job that works on it. */
export interface VmAndJob {
  vm: VmView;
  job: Job | undefined;
}

/** What an app package needs to know of a project. */
export interface ProjectFacts {
  project: Project;
  icon: { type: IconType; data: Buffer } | undefined;
  vms: Vm[];
}
