import type { Log } from '../../log';
import { Problem } from '../../problem';
import { presetFlavors, requireFit, requireImageFits, sizeOf, type FlavorSize } from '../flavors';
import { mustAct, requireNetwork } from '../power-rules';
import type { Call, VmSpec } from '../site';
import type { Finding } from './accelerator';
import { capacityOf, customFlavorOf, measureHost, type Limits } from './capacity';
import { cleanUpCapture } from './capture';
import type { ImageLibrary } from '../image-library';
import { makeFiles, newRecord } from './make-vm';
import { listFolders, readRecord, removeFolder, vmPaths } from './vm-folder';
import { adopt, kill } from './vm-process';
import { startVm } from './vm-power';
import { VmState } from './vm-state';

/** The VMs of one site. */
export interface VmSet {
  open(): Promise<void>;
  close(): Promise<void>;
  all(): VmState[];
  get(ref: string): VmState | undefined;
  /** @throws Problem `not_found` */
  find(ref: string): VmState;
  create(spec: VmSpec, call: Call & { progress?: (done: number, total: number) => void }): Promise<VmState>;
  start(ref: string, signal?: AbortSignal): Promise<void>;
  remove(ref: string): Promise<void>;
  /** Runs a capture; the VM cannot be started or captured again meanwhile. */
  capturing<T>(vm: VmState, action: () => Promise<T>): Promise<T>;
  /** Resolves when no start or creation of the VM goes on. */
  settled(ref: string): Promise<void>;
  /** Runs actions of one name one after the other. */
  alone<T>(name: string, action: () => Promise<T>): Promise<T>;
}

/** Steps of a creation as its progress counts them: checked, files made, started. */
const createSteps = 3;

export function openVmSet(options: {
  dir: string;
  library: ImageLibrary;
  limits: Limits;
  log: Log;
  accelerator: () => Promise<Finding>;
  forwardsAt: string;
  changed: (vm: VmState) => void;
}): VmSet {
  const { dir, library, limits, log, accelerator } = options;
  const vms = new Map<string, VmState>();
  const captures = new Set<VmState>();
  const queues = new Map<string, Promise<unknown>>();
  const all = () => [...vms.values()];
  const launchpad = {
    accelerator,
    forwardsAt: options.forwardsAt,
    takenPorts: (except: VmState) => new Set(all().flatMap((vm) => (vm === except ? [] : portsOf(vm)))),
  };

  const alone: VmSet['alone'] = (name, action) => {
    const before = queues.get(name) ?? Promise.resolve();
    const mine = before.then(action, action);
    queues.set(name, mine);
    const clean = () => {
      if (queues.get(name) === mine) queues.delete(name);
    };
    mine.then(clean, clean);
    return mine;
  };
  const find = (ref: string): VmState => {
    const vm = vms.get(ref);
    if (!vm) throw new Problem('not_found', 'sites.errors.noVm');
    return vm;
  };
  const track = (vm: VmState): VmState => {
    vms.set(vm.record.vmId, vm);
    return vm;
  };
  const stateOf = (paths: VmState['paths'], record: VmState['record']): VmState => {
    const vm: VmState = new VmState(record, paths, log, () => options.changed(vm));
    return vm;
  };

  /** Checks a wish and takes its place, with nothing awaited between the two. */
  const reserve = async (spec: VmSpec): Promise<VmState> => {
    const paths = vmPaths(dir, spec.vmId);
    requireNetwork(spec.network);
    const image = (await library.list()).find((each) => each.id === spec.imageId);
    if (!image) throw new Problem('invalid', 'sites.errors.noImage', { id: spec.imageId });
    const source = await library.path(spec.imageId);
    const { machine } = await accelerator();
    const host = await measureHost(dir, all());
    const capacity = capacityOf(host, all(), limits);
    const size: FlavorSize = sizeOf(spec.flavor, presetFlavors, customFlavorOf(host, capacity));
    requireImageFits(size, image);
    requireFit(size, capacity, host.cores);
    return track(stateOf(paths, newRecord(spec, size, source, machine)));
  };

  const create: VmSet['create'] = (spec, { signal, progress }) =>
    alone(spec.vmId, async () => {
      signal?.throwIfAborted();
      const known = vms.get(spec.vmId);
      if (known?.process || known?.record.launch?.done) return known;
      if (known) await requireRoom(known);
      const vm = known ?? (await reserve(spec));
      try {
        progress?.(1, createSteps);
        await makeFiles(vm.paths, vm.record, spec.seed, signal);
        await vm.save();
        progress?.(2, createSteps);
        await startVm(vm, launchpad, signal);
        progress?.(createSteps, createSteps);
        return vm;
      } catch (error) {
        // It never ran, so nothing of it is worth keeping: the caller's repetition begins anew.
        await drop(vm);
        throw error;
      }
    });

  /** The images may have moved with the data folder since the VM was made. */
  const findBaseAgain = async (vm: VmState): Promise<void> => {
    const source = await library.path(vm.record.imageId).catch(() => undefined);
    if (!source || source.path === (vm.record.base?.path ?? vm.record.cd)) return;
    if (source.format === 'iso') vm.update({ cd: source.path });
    else vm.update({ base: { path: source.path, format: source.format } });
  };

  /** Refuses to start what no longer fits beside the others. */
  const requireRoom = async (vm: VmState): Promise<void> => {
    const host = await measureHost(dir, all());
    requireFit(vm.record.size, capacityOf(host, all(), limits, vm), host.cores);
    vm.enter('starting'); // From here on it is counted.
  };

  const drop = async (vm: VmState): Promise<void> => {
    vm.expectedEnd = 'forced';
    await kill(vm.paths);
    await vm.forget();
    vms.delete(vm.record.vmId);
    await removeFolder(dir, vm.paths, vm.record.vmId);
    options.changed(vm);
  };

  const start: VmSet['start'] = (ref, signal) =>
    alone(ref, async () => {
      const vm = find(ref);
      if (captures.has(vm)) throw new Problem('conflict', 'sites.errors.capturing');
      if (!mustAct('start', vm.record.state)) return;
      await findBaseAgain(vm);
      await requireRoom(vm);
      await startVm(vm, launchpad, signal);
    });

  /** Finds one VM of an earlier process again. */
  const readopt = async (vmId: string): Promise<void> => {
    const paths = vmPaths(dir, vmId);
    const record = await readRecord(paths);
    if (!record) {
      // Its maker died before it wrote what it makes; nothing can run.
      log.warn({ vm: vmId }, 'folder without a record removed');
      await kill(paths);
      await removeFolder(dir, paths, vmId);
      return;
    }
    const vm = track(stateOf(paths, record));
    const process = await adopt(paths);
    if (process) {
      vm.attach(process);
      await cleanUpCapture(vm, process.qmp);
      const status = (await process.qmp.run('query-status')) as { status?: string };
      if (status.status === 'prelaunch') await process.qmp.run('cont');
      vm.enter(status.status === 'paused' ? 'paused' : 'running');
    } else if (record.launch?.done !== true) vm.enter('stopped', 'notStarted');
    else if (['starting', 'running', 'paused'].includes(record.state)) vm.enter('stopped', 'diedWhileAway');
  };

  return {
    open: async () => {
      for (const vmId of await listFolders(dir)) {
        try {
          await readopt(vmId);
        } catch (error) {
          log.error({ err: error, vm: vmId }, 'virtual machine could not be taken over');
        }
      }
    },
    close: async () => {
      await Promise.all(all().map((vm) => vm.detach()));
    },
    all,
    get: (ref) => vms.get(ref),
    find,
    create,
    start,
    remove: async (ref) => {
      const running = vms.get(ref);
      // A start that goes on must not outlive its VM, nor make us wait for its limit.
      if (running) {
        running.expectedEnd = 'forced';
        await kill(running.paths);
      }
      await alone(ref, async () => {
        const vm = vms.get(ref);
        if (vm) await drop(vm);
      });
    },
    capturing: async (vm, action) => {
      if (captures.has(vm)) throw new Problem('conflict', 'sites.errors.capturing');
      captures.add(vm);
      try {
        return await action();
      } finally {
        captures.delete(vm);
      }
    },
    settled: async (ref) => {
      await queues.get(ref)?.catch(() => undefined);
    },
    alone,
  };
}

function portsOf({ record }: VmState): number[] {
  const { launch } = record;
  if (!launch || (record.state !== 'running' && record.state !== 'paused')) return [];
  return [
    ...launch.forwards.map((each) => each.hostPort),
    ...(launch.sshPort === undefined ? [] : [launch.sshPort]),
  ];
}
