/** The part of the site port that runs a package's VMs as one unit: a Heat stack on OpenStack. */
import type { Call, SiteEvent } from './site';

/** What a package says of the VMs it wants; read out of its APPD (TOSCA) by the packages room. */
export interface AppTopology {
  name: string;
  version: string;
  /** Parameters the person may set before the deployment. */
  inputs: AppInput[];
  vms: AppVm[];
  networks: AppNetwork[];
}

export interface AppInput {
  name: string;
  type: 'string' | 'number' | 'boolean';
  description: string;
  default?: string | number | boolean | undefined;
  required: boolean;
  /** Shown as dots, never logged. */
  secret: boolean;
  /** What the site has for it: its networks, or its zones. Absent for an input that names neither. */
  choices?: string[] | undefined;
}

/** A value of the descriptor: written there, or taken from an input. */
export type AppValue = string | { input: string };

export interface AppVm {
  /** Name of the node, unique in the topology, and what the VM is called. */
  node: string;
  name: string;
  vcpus: number;
  memoryMiB: number;
  diskGiB: number;
  /** Name of the image in the package. */
  image: string;
  zone?: AppValue | undefined;
  /** Contents with `$name$` or `${name}` where a parameter stands, as the descriptor has it. */
  userData?: { contents: string; params: Record<string, AppValue> } | undefined;
  cards: AppCard[];
}

export interface AppCard {
  node: string;
  /** Node of the network in {@link AppTopology.networks}. */
  network: string;
  address?: AppValue | undefined;
  /** Ports that the VM serves there, to be let in. */
  serves: { protocol: 'tcp' | 'udp'; port: number }[];
}

export interface AppNetwork {
  node: string;
  /** Name of a network of the site. */
  name: AppValue;
  /** Addresses in CIDR form for a network of the app's own; undefined for one the site has already. */
  range?: string | undefined;
}

/** What the site turns the topology into, before anything is sent. */
export interface StackPlan {
  /** The template as it will be sent (HOT, YAML). */
  template: string;
  /** Parameters the template still needs, with what the site would choose. */
  parameters: AppInput[];
  /** What does not fit or is missing; keys of messages. Empty when it can be deployed. */
  reasons: { key: string; params: Record<string, string | number> }[];
}

export type StackState = 'creating' | 'ready' | 'failed' | 'deleting' | 'gone';

export interface StackEvent {
  id: string;
  at: number;
  resource: string;
  status: string;
  /** The site's own words. */
  reason: string;
}

export interface Stack {
  ref: string;
  name: string;
  state: StackState;
  /** The site's own words. */
  reason: string;
  outputs: { name: string; value: string }[];
  resources: { name: string; type: string; status: string; id: string }[];
}

/** What a stack is found again by: its name alone may be that of somebody else's in the same project. */
export interface StackMark {
  name: string;
  deploymentId: string;
}

export interface Stacks {
  /** @throws Problem `invalid` for a topology that cannot be expressed */
  plan(topology: AppTopology, images: ReadonlyMap<string, string>, call: Call): Promise<StackPlan>;
  /**
   * Creates the stack, or goes on with the one that an earlier call made for the same deployment.
   *
   * @param wish `images`: our image ids by the package's image names
   * @throws Problem `conflict`, also for a stack of that name that is not ours; `invalid`, `failed`; nothing is left on
   *   failure or abort
   */
  create(
    wish: StackMark & {
      jobId: string;
      template: string;
      parameters: Record<string, string | number | boolean>;
      images: ReadonlyMap<string, string>;
    },
    call: Call & {
      event?: (event: StackEvent) => void;
      /** What happens before the stack: images that are brought to the site. */
      report?: (event: SiteEvent) => void;
    },
  ): Promise<Stack>;
  /** The reference of the stack that was made for a deployment; undefined when there is none. */
  find(mark: StackMark, call: Call): Promise<string | undefined>;
  get(ref: string, call: Call): Promise<Stack | undefined>;
  events(ref: string, call: Call): Promise<StackEvent[]>;
  /** Removes the stack and waits until it is gone; one that is not there is fine. */
  delete(ref: string, call: Call & { event?: (event: StackEvent) => void }): Promise<void>;
}

/** What the ids of VMs begin with that a site made for a stack: no project knows them. */
export const stackVmPrefix = 'st_';
