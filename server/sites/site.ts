/**
 * The port to a place that runs VMs. Small capability interfaces; a site has those it can do, and the UI and the API
 * derive from that what is offered. Every adapter passes the contract suite (`contract.ts`) against its real system.
 */
import type { Duplex } from 'node:stream';
import type { Problem } from '../problem';
import type { DiskCache } from './disk-cache';
import type { Reaching } from './reaching';
import type { Seed } from './seed';
import type { Stacks } from './stacks';
import type { ImageCache, WorkloadCapacity, Workloads } from './workloads';

export const siteKinds = ['qemu', 'openstack', 'kubernetes', 'docker', 'edgeyard'] as const;
export type SiteKind = (typeof siteKinds)[number];

export interface Flavor {
  /** The site's own id. */
  id: string;
  name: string;
  vcpus: number;
  memoryMiB: number;
  diskGiB: number;
}

/** A flavor chosen by numbers instead of from the list. */
export type FlavorChoice = { id: string } | { vcpus: number; memoryMiB: number; diskGiB: number };

export interface GuestImage {
  /** The site's own id; on the QEMU site the id of a disk image we hold. */
  id: string;
  name: string;
  /** `tiny`, `debian`, … or undefined when unknown */
  os: string | undefined;
  architecture: 'x86_64' | 'aarch64';
  format: 'qcow2' | 'iso' | 'other';
  /** Bytes stored, and bytes of disk the guest sees. */
  size: number;
  virtualSize: number;
  minMemoryMiB: number;
  minDiskGiB: number;
  /** Whether the guest reads a cloud-init seed (keys, user data, host name). */
  cloudInit: boolean;
  /** Account that the SSH keys open, for example `root` or `debian`. */
  login: string | undefined;
  digest: string | undefined;
  /** Whether the image is one of our disk images, whose owner decides who may use it; the others are the site's own. */
  ours: boolean;
  /** When it was made or put there, milliseconds since 1970, where the site tells. */
  createdAt?: number | undefined;
  /** Who sees an image of the site's own: a word of `workbench.create.imageVisibility.<word>`. */
  visibility?: SiteImageVisibility | undefined;
  /** Whether the content of an image of ours is at the site already, so that nothing has to be brought there. */
  there?: boolean | undefined;
}

/** Glance's words. */
export const siteImageVisibilities = ['public', 'community', 'shared', 'private'] as const;
export type SiteImageVisibility = (typeof siteImageVisibilities)[number];

export type NetworkKind = 'none' | 'isolated' | 'nat' | 'provider';

export interface NetworkOffer {
  id: string;
  name: string;
  kind: NetworkKind;
  /** Whether ports of the guest can be forwarded to the site's host. */
  forwards: boolean;
  /** Address ranges in CIDR form, where the site tells them; a fixed address lies in one of them. */
  ranges?: string[];
}

/** A port of the guest that others may reach: a rule of a security group, where the site has such groups. */
export interface OpenPort {
  protocol: 'tcp' | 'udp' | 'icmp';
  /** Absent for icmp. */
  port?: number | undefined;
}

/** A network card beside the first one. */
export interface FurtherNetwork {
  id: string;
  /** A fixed IPv4 or IPv6 address; chosen by the site when absent. */
  address?: string | undefined;
}

/** What a cloud offers beside flavors, images and networks; each list may be empty. */
export interface CloudOffers {
  zones: string[];
  securityGroups: { id: string; name: string; description: string }[];
  /** Networks that floating IPs come from. */
  floatingNetworks: { id: string; name: string }[];
  /** Limits beside vCPUs, memory and disk; -1 as total means without limit. */
  quota: { resource: CloudResource; total: number; used: number }[];
}

/** Each has its text in `sites.quota.<resource>`. */
export const cloudResources = [
  'instances',
  'ports',
  'securityGroups',
  'securityGroupRules',
  'floatingIps',
  'keyPairs',
  'networks',
] as const;
export type CloudResource = (typeof cloudResources)[number];

/** A port of the guest reachable on the site's host. `hostPort` 0 lets the site choose. */
export interface PortForward {
  protocol: 'tcp' | 'udp';
  hostPort: number;
  guestPort: number;
}

export interface Amount {
  /** -1 where there is no limit. */
  total: number;
  used: number;
}

/** Why guests run as they do; each has its text in `sites.accelerator`. */
export const acceleratorReasons = [
  'proved',
  'noKvm',
  'noPermission',
  'hangs',
  'broken',
  'notProbed',
] as const;
export type AcceleratorReason = (typeof acceleratorReasons)[number];

export interface SiteOffers {
  flavors: Flavor[];
  /** Limits of a custom flavor; undefined when the site takes listed flavors only. */
  customFlavor: { maxVcpus: number; maxMemoryMiB: number; maxDiskGiB: number } | undefined;
  images: GuestImage[];
  networks: NetworkOffer[];
  capacity: { vcpus: Amount; memoryMiB: Amount; diskGiB: Amount };
  /**
   * How guests run and how that was proved, for example `tcg` because KVM hangs; undefined where unknown. `reason` is a
   * word of `sites.accelerator.<word>`, `detail` the foreign words behind it.
   */
  accelerator: { name: string; reason: AcceleratorReason; detail?: string | undefined } | undefined;
  /** Undefined where a VM is chosen by flavor, image and network alone. */
  cloud?: CloudOffers | undefined;
}

export interface VmSpec {
  /** Id of the VM on our side: metadata by which it is found again. */
  vmId: string;
  /** Id of the job that creates it. */
  jobId: string;
  name: string;
  flavor: FlavorChoice;
  imageId: string;
  network: { id: string; address?: string | undefined; forwards: PortForward[] };
  seed: Seed;
  /** What only a site with `offers.cloud` takes. */
  cloud?: CloudWish | undefined;
}

/** What one can ask of a cloud beside flavor, image and network. */
export interface CloudWish {
  moreNetworks: FurtherNetwork[];
  zone?: string | undefined;
  /** Groups of the cloud's own, by id, beside the one that is made for `openPorts`. */
  securityGroupIds: string[];
  openPorts: OpenPort[];
  /** Network that a floating IP is taken from. */
  floatingNetworkId?: string | undefined;
}

/** Something the site reported while it worked, for the job's log: a word of `sites.events.<event>`. */
export interface SiteEvent {
  event: string;
  params?: Record<string, string | number>;
  /** The site's own words. */
  detail?: string | undefined;
}

export type SiteVmState = 'starting' | 'running' | 'paused' | 'stopped' | 'failed' | 'missing';

/** What the boot has reached, seen on the serial line. */
export type BootPhase = 'firmware' | 'bootloader' | 'kernel' | 'userspace' | 'login' | 'panic';

/** Why a VM does not run; each has its text in `sites.reasons`. A paused one can have `hostDiskFull`. */
export const stopReasons = [
  'notStarted',
  'guestPowerOff',
  'stopped',
  'forced',
  'startFailed',
  'hostDiskFull',
  'died',
  'diedWhileAway',
  'noValidHost',
  'quotaExceeded',
  'imageFault',
  'networkFault',
  'cloudFault',
  'shelved',
] as const;
export type StopReason = (typeof stopReasons)[number];

export interface SiteVm {
  /** The site's own id of the VM. */
  ref: string;
  vmId: string;
  state: SiteVmState;
  /** Why it is stopped or failed: a word of `sites.reasons.<word>`. */
  reason: StopReason | undefined;
  /** The foreign words behind the reason (last lines of a process, say), shown as they are. */
  detail?: string | undefined;
  /** When the state was entered, milliseconds since 1970. */
  since: number;
  boot: { phase: BootPhase; at: number }[];
  /** The boot was not looked at, which costs a question for each VM: what is known of it stands. */
  bootUnread?: boolean | undefined;
  flavor: { vcpus: number; memoryMiB: number; diskGiB: number };
  addresses: string[];
  /** Those of {@link addresses} that are floating IPs, where a site has such. */
  floating?: string[] | undefined;
  forwards: PortForward[];
  /** Where our server reaches the guest's SSH port; undefined when the network gives no way. */
  ssh: { host: string; port: number } | undefined;
}

export interface Call {
  signal?: AbortSignal | undefined;
}

export interface Vms {
  /**
   * Creates and starts a VM. Called again with the same vmId it finds what it made and goes on.
   * @throws Problem `conflict` (does not fit, with the amount), `invalid`, `no_space`, `failed`
   */
  create(
    spec: VmSpec,
    call: Call & { progress?: (done: number, total: number) => void; report?: (event: SiteEvent) => void },
  ): Promise<SiteVm>;
  /** @returns undefined when the site knows no such VM */
  get(ref: string): Promise<SiteVm | undefined>;
  /** All of ours; a site may leave their boots unread. */
  list(): Promise<SiteVm[]>;
  start(ref: string, call: Call): Promise<void>;
  /** Asks the guest to power off (ACPI) and waits `graceSeconds`; then, or at once when 0, forces it. */
  stop(ref: string, graceSeconds: number, call: Call): Promise<{ forced: boolean }>;
  /** Asks the guest to restart, and resets it when it does not answer. */
  reboot(ref: string, call: Call): Promise<void>;
  reset(ref: string): Promise<void>;
  pause(ref: string): Promise<void>;
  resume(ref: string): Promise<void>;
  /**
   * Removes the VM and everything made for it; a VM that is not there is fine.
   *
   * @param call `vmId`: our id, by which a site finds what was made around a VM that is gone, or never came to be
   */
  delete(ref: string, call: Call & { vmId?: string | undefined }): Promise<void>;
}

export interface Consoles {
  /** Opens the RFB byte stream of the VM's screen. The caller closes it. @throws Problem `conflict` when not running */
  vnc(ref: string): Promise<Duplex>;
}

export interface Screens {
  /** A PNG of the screen as it is now, which disturbs no viewer. @throws Problem `conflict` when not running */
  screenshot(ref: string): Promise<Buffer>;
}

export interface SerialLogs {
  /** The console log from a byte offset on; `next` is where to go on. At most 256 KiB a call. */
  serialLog(ref: string, from: number): Promise<{ text: string; next: number }>;
}

export interface Capture {
  /**
   * Copies the VM's disk, flattened, into a qcow2 file compressed with zstd. `freeze` keeps a running guest's file
   * systems still by its agent (falls to pausing the CPUs), `stopped` asks that the VM is stopped.
   * @param call `keep` is given only where {@link forget} is there: the site keeps a copy of its own under this name, as
   *   the copy of our image with this id
   * @throws Problem `conflict` (wrong state), `no_space`, `failed`; the target is removed on failure and abort
   */
  capture(
    ref: string,
    target: string,
    mode: 'stopped' | 'freeze',
    call: Call & {
      progress?: (done: number, total: number) => void;
      report?: (event: SiteEvent) => void;
      keep?: { imageId: string; name: string } | undefined;
      /** Told, where the site knows it, in which ranges (bytes) the disk differs from the image the VM was made from. */
      changed?: ((ranges: { at: number; length: number }[]) => void) | undefined;
    },
  ): Promise<void>;
  /** Removes the copy that a capture kept for an image of ours that did not come to be; none there is fine. */
  forget?(imageId: string, call: Call): Promise<void>;
  /** Bytes the VM's disk takes now on the site's storage, and bytes of disk the guest sees. */
  usage?(ref: string): Promise<{ stored: number; virtual: number }>;
}

export interface GuestAgents {
  /** Runs a program in the guest through its agent, without a network. @throws Problem `unavailable` without agent */
  exec(
    ref: string,
    command: string[],
    call: Call,
  ): Promise<{ exitCode: number; stdout: string; stderr: string }>;
  /** Whether the agent answers now. */
  ping(ref: string): Promise<boolean>;
}

/** Copies of our disk images that a site keeps for itself, once it has made a VM from them. */
export interface ImageCopies {
  /** Removes those of an image of ours that is gone, as far as nothing there needs them; none there is fine. */
  drop(image: Pick<GuestImage, 'id' | 'digest'>, call: Call): Promise<void>;
}

/** Something changed at the site; the receiver asks `get` for the rest. */
export interface SiteChange {
  ref: string;
  vmId: string;
}

/** What every site is, whatever it runs. */
export interface SiteBase {
  readonly id: string;
  readonly kind: SiteKind;
  readonly name: string;
  /** Finds what an earlier process started there, and begins to report changes. */
  open(): Promise<void>;
  /** Lets go of sockets; what runs there runs on. */
  close(): Promise<void>;
  /**
   * Calls the listener with the reason when the site stops answering, and with undefined when it answers again. Absent
   * where the site is this machine.
   */
  readonly onTrouble?: (listener: (trouble: Problem | undefined) => void) => () => void;
}

/** A site that runs VMs. */
export interface Site extends SiteBase {
  offers(call: Call): Promise<SiteOffers>;
  readonly vms: Vms;
  /** Whether a guest can be switched off against its will; some clouds decide that by themselves. */
  readonly forcesOff: boolean;
  readonly console?: Consoles;
  readonly screens?: Screens;
  readonly serial?: SerialLogs;
  readonly capture?: Capture;
  readonly agent?: GuestAgents;
  readonly reach?: Reaching;
  readonly copies?: ImageCopies;
  readonly stacks?: Stacks | undefined;
  readonly diskCache?: DiskCache | undefined;
  onChange(listener: (change: SiteChange) => void): () => void;
}

/** A site that takes packages' VMs whole and shows no single one of them: another Edgeyard, which keeps them itself. */
export interface StackSite extends SiteBase {
  offers(call: Call): Promise<SiteOffers>;
  readonly stacks: Stacks;
  readonly diskCache: DiskCache;
}

/** What every site that runs VMs can be asked, be they made one by one or as stacks only. */
export type StackHost = Site | StackSite;

/** A site that runs containers: a Kubernetes cluster, a Docker host. */
export interface WorkloadSite extends SiteBase {
  readonly workloads: Workloads;
  readonly imageCache: ImageCache;
  /** What the machines have and use now. @throws Problem `unavailable`, `forbidden` where the login may not see it */
  capacity(call: Call): Promise<WorkloadCapacity>;
  /** Calls the listener with our id of a workload when something of it changed there. */
  readonly onWorkloadChange: (listener: (workloadId: string) => void) => () => void;
}

export type AnySite = Site | StackSite | WorkloadSite;

/** Tells whether a site runs containers; the others run VMs. */
export function runsContainers(site: AnySite): site is WorkloadSite {
  return 'workloads' in site;
}

/** Tells whether a site runs VMs, be they made one by one or as stacks only. */
export function hostsStacks(site: AnySite): site is StackHost {
  return !runsContainers(site);
}

/** Tells whether VMs can be made one by one on a site. */
export function runsVms(site: AnySite): site is Site {
  return 'vms' in site;
}
