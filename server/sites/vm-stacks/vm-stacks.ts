/** Stacks on a site that has VMs and no service for stacks: we keep what belongs together, and make it one by one. */
import { createHash } from 'node:crypto';
import { keyedLock } from '../../oci/keyed-lock';
import { asProblem, isProblem, Problem } from '../../problem';
import type { Call, NetworkOffer, SiteOffers, SiteVm, Vms, VmSpec } from '../site';
import { stackVmPrefix, type Stack, type StackEvent, type Stacks, type StackState } from '../stacks';
import { planVmStack } from './plan-stack';
import { readStack, userDataIn, valueIn, type ParameterValues, type StackText } from './stack-text';
import type { StackRecord, StackRecords } from './stack-records';

/** What the stacks need from their site. */
export interface VmStackPorts {
  vms: Vms;
  offers(call: Call): Promise<SiteOffers>;
  records: StackRecords;
  /** Where ports of guests that are forwarded are reached. */
  forwardsAt: string;
  now?: () => number;
}

/** Stacks, and what their site asks of them. */
export interface VmStacks extends Stacks {
  /** Reads what an earlier process made, and starts again what ended with the machine. */
  open(): Promise<void>;
  /** Stacks whose VMs are made from one of our images, by reference and name. */
  madeFrom(imageId: string): { ref: string; name: string }[];
}

/** The same VM of the same deployment always has the same id, as long as any other: paths of sockets are short. */
export function stackVmId(deploymentId: string, node: string): string {
  const hex = createHash('sha256').update(`${deploymentId}\n${node}`).digest('hex');
  return `${stackVmPrefix}${hex.slice(0, 26)}`;
}

type Happening = { resource: string; status: string; reason?: string };
type CreateCall = Parameters<Stacks['create']>[1];
type Wish = Parameters<Stacks['create']>[0];

/** The stacks of a site that runs VMs. */
export function openVmStacks(ports: VmStackPorts): VmStacks {
  const { vms, records, now = Date.now } = ports;
  const turns = keyedLock();

  /** Keeps what happened, and tells whoever waits. */
  const note = async (
    ref: string,
    { resource, status, reason = '' }: Happening,
    tell: ((event: StackEvent) => void) | undefined,
  ): Promise<void> => {
    const before = records.get(ref);
    const event = { id: `${ref}-${before?.events.length ?? 0}`, at: now(), resource, status, reason };
    if (before) await records.put({ ...before, events: [...before.events, event] });
    tell?.(event);
  };

  const remove = async (
    ref: string,
    {
      signal,
      event,
    }: { signal?: AbortSignal | undefined; event?: ((event: StackEvent) => void) | undefined },
  ): Promise<void> => {
    const record = records.get(ref);
    if (!record) return;
    await records.put({ ...record, phase: 'deleting' });
    for (const { node, vmId } of record.vms) {
      signal?.throwIfAborted();
      await vms.delete(vmId, { signal, vmId });
      await note(ref, { resource: node, status: 'DELETE_COMPLETE' }, event);
    }
    await records.remove(ref);
  };

  const begin = async (wish: Wish, text: StackText): Promise<StackRecord> => {
    const { deploymentId: ref, name } = wish;
    requireRef(ref);
    const known = records.get(ref);
    if (known?.phase === 'deleting') throw new Problem('conflict', 'sites.errors.stackGoing', { name });
    if (known) return known;
    const record: StackRecord = {
      version: 1,
      ref,
      name,
      phase: 'creating',
      vms: Object.entries(text.vms).map(([node, vm]) => ({
        node,
        name: vm.name,
        vmId: stackVmId(ref, node),
        imageId: requireImage(wish, vm),
      })),
      events: [],
    };
    await records.put(record);
    return record;
  };

  const makeAll = async (
    wish: Wish,
    text: StackText,
    { signal, event, report }: CreateCall,
  ): Promise<void> => {
    const { networks } = await ports.offers({ signal });
    const { ref } = await begin(wish, text);
    for (const [node, vm] of Object.entries(text.vms)) {
      const spec = specOf(wish, text, { node, vm, networks });
      // What an earlier run made says nothing again.
      const there = await vms.get(spec.vmId);
      if (!there) await note(ref, { resource: node, status: 'CREATE_IN_PROGRESS' }, event);
      await vms.create(spec, { signal, ...(report && { report }) });
      if (!there) await note(ref, { resource: node, status: 'CREATE_COMPLETE' }, event);
    }
    const record = records.get(ref);
    if (record) await records.put({ ...record, phase: 'made' });
  };

  const look = async (record: StackRecord): Promise<Stack> => {
    const seen = await Promise.all(
      record.vms.map(async (each) => ({ ...each, vm: await vms.get(each.vmId) })),
    );
    return {
      ref: record.ref,
      name: record.name,
      ...stateOf(record, seen),
      outputs: seen.flatMap(({ node, vm }) => outputsOf(node, vm, ports.forwardsAt)),
      resources: seen.flatMap(({ node, vmId, vm }) =>
        vm || record.phase === 'made'
          ? [{ name: node, type: 'VM', status: (vm?.state ?? 'missing').toUpperCase(), id: vm?.ref ?? vmId }]
          : [],
      ),
    };
  };

  const createOne: Stacks['create'] = async (wish, call) => {
    const ref = wish.deploymentId;
    const before = records.get(ref);
    if (before?.phase === 'made') return look(before);
    const text = readStack(wish.template);
    try {
      await makeAll(wish, text, call);
      const made = records.get(ref);
      if (!made) throw new Problem('gone', 'sites.errors.noStack', { name: wish.name });
      return await look(made);
    } catch (error) {
      // One that is being removed is removed by whom it was asked.
      const going = isProblem(error) && error.key === 'sites.errors.stackGoing';
      if (!going) {
        if (!call.signal?.aborted)
          await note(
            ref,
            { resource: wish.name, status: 'CREATE_FAILED', reason: wordsOf(error) },
            call.event,
          );
        await remove(ref, {});
      }
      throw error;
    }
  };

  /** Nobody is there to switch an edge's VMs on after its machine was off; one that cannot start says why itself. */
  const startAgain = async (): Promise<void> => {
    for (const { vmId } of records.all().flatMap(({ phase, vms: made }) => (phase === 'made' ? made : []))) {
      const vm = await vms.get(vmId);
      if (vm?.reason === 'diedWhileAway') await vms.start(vm.ref, {}).catch(() => undefined);
    }
  };

  return {
    plan: async (topology, images, call) => planVmStack(topology, await ports.offers(call), images),

    // Who asks again while the first is being taken away must not make what nobody would find.
    create: (wish, call) => turns.hold(wish.deploymentId, () => createOne(wish, call), call.signal),

    find: async ({ deploymentId }) => records.get(deploymentId)?.ref,
    async get(ref) {
      const record = records.get(ref);
      return record && look(record);
    },
    async events(ref) {
      const record = records.get(ref);
      if (!record) return [];
      const boots = await Promise.all(
        record.vms.map(async (each) => bootsOf(each, await vms.get(each.vmId))),
      );
      return [...record.events, ...boots.flat()].toSorted((a, b) => a.at - b.at);
    },
    delete: (ref, call) => turns.hold(ref, () => remove(ref, call), call.signal),

    async open() {
      await records.open();
      void startAgain();
    },
    madeFrom: (imageId) =>
      records
        .all()
        .filter((record) => record.vms.some((vm) => vm.imageId === imageId))
        .map(({ ref, name }) => ({ ref, name })),
  };
}

/** It becomes the name of a file. @throws Problem `invalid` */
function requireRef(ref: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(ref)) {
    throw new Problem('invalid', 'sites.errors.badStackId', { id: ref });
  }
}

function requireImage({ images }: Wish, { image, name }: StackText['vms'][string]): string {
  const id = images.get(image);
  if (id === undefined) throw new Problem('invalid', 'deployments.reasons.noImage', { vm: name, image });
  return id;
}

interface VmOfStack {
  node: string;
  vm: StackText['vms'][string];
  networks: readonly NetworkOffer[];
}

/** @throws Problem `invalid` for a network or an image the site does not have */
function specOf(wish: Wish, text: StackText, { node, vm, networks }: VmOfStack): VmSpec {
  const network = networkOf(wish.parameters, text, { vm, networks });
  const { vcpus, memoryMiB, diskGiB } = vm;
  return {
    vmId: stackVmId(wish.deploymentId, node),
    jobId: wish.jobId,
    name: vm.name,
    flavor: { vcpus, memoryMiB, diskGiB },
    imageId: requireImage(wish, vm),
    network: {
      id: network.id,
      forwards: network.forwards
        ? vm.serves.map(({ protocol, port }) => ({ protocol, hostPort: 0, guestPort: port }))
        : [],
    },
    seed: { hostname: hostNameOf(vm.name), sshKeys: [], userData: userDataIn(text, vm, wish.parameters) },
  };
}

function networkOf(
  values: ParameterValues,
  text: StackText,
  { vm, networks }: Omit<VmOfStack, 'node'>,
): NetworkOffer {
  const wanted = vm.network === undefined ? undefined : (valueIn(text, vm.network, values) ?? '');
  const found = networks.find(({ name, kind }) => (wanted === undefined ? kind === 'none' : name === wanted));
  if (!found) throw new Problem('invalid', 'sites.errors.noNetwork', { id: wanted ?? 'none' });
  return found;
}

/** RFC 1123's rule for a label. */
function hostNameOf(name: string): string {
  const label = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
  return label === '' ? 'vm' : label;
}

type Seen = { node: string; vm: SiteVm | undefined };

function stateOf({ phase }: StackRecord, seen: readonly Seen[]): { state: StackState; reason: string } {
  if (phase !== 'made') return { state: phase, reason: '' };
  const ill = seen.filter(({ vm }) => !vm || ['stopped', 'failed', 'missing'].includes(vm.state));
  return {
    state: ill.length === 0 ? 'ready' : 'failed',
    reason: ill
      .map(({ node, vm }) =>
        [node, vm?.state ?? 'missing', vm?.reason, vm?.detail].filter(Boolean).join(' · '),
      )
      .join('\n'),
  };
}

/** Where each port that a VM serves is reached. */
function outputsOf(node: string, vm: SiteVm | undefined, host: string): Stack['outputs'] {
  return (vm?.forwards ?? []).flatMap(({ protocol, hostPort, guestPort }) =>
    hostPort === 0 ? [] : [{ name: `${node} ${protocol}/${guestPort}`, value: `${host}:${hostPort}` }],
  );
}

/** How far the boot of a VM came. */
function bootsOf({ node, vmId }: StackRecord['vms'][number], vm: SiteVm | undefined): StackEvent[] {
  return (vm?.boot ?? []).map(({ phase, at }) => ({
    id: `${vmId}-${phase}-${at}`,
    at,
    resource: node,
    status: 'BOOT',
    reason: phase,
  }));
}

function wordsOf(error: unknown): string {
  const { key, detail } = asProblem(error);
  return detail ?? key;
}
