import { rm, writeFile } from 'node:fs/promises';
import { Duplex } from 'node:stream';
import { Problem } from '../../problem';
import { presetFlavors, requireFit, requireImageFits, sizeOf } from '../flavors';
import { localNetworks, mustAct, requireNetwork } from '../power-rules';
import type {
  BootPhase,
  GuestImage,
  Site,
  SiteChange,
  SiteOffers,
  SiteVm,
  StopReason,
  Vms,
  VmSpec,
} from '../site';
import { memoryRecords } from '../vm-stacks/stack-records';
import { openVmStacks } from '../vm-stacks/vm-stacks';
import type { DiskCache } from '../disk-cache';
import { fakeDiskCache } from './fake-disk-cache';
import { emptyQcow2, fakePng } from './pictures';

const bootScript: { phase: BootPhase; line: string }[] = [
  { phase: 'firmware', line: 'SeaBIOS (version fake)\r\n' },
  { phase: 'kernel', line: '[    0.000000] Linux version 6.1.0-fake\r\n' },
  { phase: 'login', line: '\r\nguest login: ' },
];

/** What a test can ask of the fake beside the port itself. */
export interface FakeControls {
  /** Every call that reached the site, oldest first, for example `create vm-1`. */
  readonly calls: string[];
  /** What each VM that is there was asked for, in the order they came. */
  readonly specs: readonly VmSpec[];
  /** The next call of this name (`create`, `start`, `capture`, …) throws this. */
  failNext(call: string, error: Error): void;
  /** Calls of this name wait, after they were counted, until `release`; an abort ends the wait as well. */
  hold(call: string): { release: () => void };
  /** The guest writes to its serial line. */
  writeSerial(ref: string, text: string): void;
  /** The boot reaches a phase. */
  reach(ref: string, phase: BootPhase): void;
  /** The guest ends by itself or is killed. */
  die(ref: string, reason: StopReason, detail?: string): void;
  /** From now on the agent answers like this; undefined means that no agent runs. */
  answerExec(
    answer: ((command: string[]) => { exitCode: number; stdout: string; stderr: string }) | undefined,
  ): void;
  /** Where `SiteVm.ssh` points from now on, for VMs with a network. */
  sshAt(target: { host: string; port: number } | undefined): void;
  /** Changes what is left of the site. */
  setCapacity(capacity: Partial<SiteOffers['capacity']>): void;
  addImage(image: GuestImage): void;
  /** Boots stop at this phase from now on; undefined plays the whole script. */
  bootUntil(phase: BootPhase | undefined): void;
}

export type FakeSite = Site &
  Required<Pick<Site, 'console' | 'screens' | 'serial' | 'capture' | 'agent'>> & {
    diskCache: DiskCache;
    controls: FakeControls;
  };

interface FakeVm {
  vm: SiteVm;
  spec: VmSpec;
  serial: string;
  shade: number;
}

/**
 * A site in memory with the rules of a real one, for unit tests. Boots play at once, up to the login prompt.
 *
 * @param options.id the site's id
 * @param options.images what it offers; a test's images can be partial, see `fakeImage`
 */
export function openFakeSite(options: { id: string; name?: string; images?: GuestImage[] }): FakeSite {
  const images = [...(options.images ?? [fakeImage({ id: 'tiny' })])];
  const vms = new Map<string, FakeVm>();
  const listeners = new Set<(change: SiteChange) => void>();
  const calls: string[] = [];
  const failures = new Map<string, Error>();
  const holds = new Map<string, Promise<void>>();
  const capacity: SiteOffers['capacity'] = {
    vcpus: { total: 16, used: 0 },
    memoryMiB: { total: 16_384, used: 0 },
    diskGiB: { total: 200, used: 0 },
  };
  const customFlavor = { maxVcpus: 8, maxMemoryMiB: 16_384, maxDiskGiB: 200 };
  let answer: Parameters<FakeControls['answerExec']>[0] = (command) => ({
    exitCode: 0,
    stdout: `${command.slice(1).join(' ')}\n`,
    stderr: '',
  });
  let ssh: { host: string; port: number } | undefined = { host: '127.0.0.1', port: 22_000 };
  let lastPhase: BootPhase | undefined;
  let ports = 40_000;

  const entered = async (call: string, subject: string, signal?: AbortSignal) => {
    calls.push(`${call} ${subject}`);
    signal?.throwIfAborted();
    const failure = failures.get(call);
    failures.delete(call);
    if (failure) throw failure;
    const hold = holds.get(call);
    if (hold) await (signal ? Promise.race([hold, aborted(signal)]) : hold);
    signal?.throwIfAborted();
  };
  const find = (ref: string): FakeVm => {
    const found = vms.get(ref);
    if (!found) throw new Problem('not_found', 'sites.errors.noVm');
    return found;
  };
  const changed = (each: FakeVm) => {
    for (const listener of listeners) listener({ ref: each.vm.ref, vmId: each.vm.vmId });
  };
  const enter = (each: FakeVm, state: SiteVm['state'], reason?: StopReason, detail?: string) => {
    each.vm = { ...each.vm, state, reason, detail, since: Date.now() };
    each.shade++;
    changed(each);
  };
  const boot = (each: FakeVm) => {
    each.vm = { ...each.vm, boot: [] };
    enter(each, 'running');
    for (const { phase, line } of bootScript) {
      each.serial += line;
      each.vm = { ...each.vm, boot: [...each.vm.boot, { phase, at: Date.now() }] };
      if (phase === lastPhase) break;
    }
    changed(each);
  };
  const left = (): SiteOffers['capacity'] => {
    const all = [...vms.values()].map((each) => each.vm);
    const running = all.filter((vm) => vm.state !== 'stopped' && vm.state !== 'failed');
    const sum = (some: SiteVm[], of: keyof SiteVm['flavor']) => some.reduce((n, vm) => n + vm.flavor[of], 0);
    return {
      vcpus: { ...capacity.vcpus, used: capacity.vcpus.used + sum(running, 'vcpus') },
      memoryMiB: { ...capacity.memoryMiB, used: capacity.memoryMiB.used + sum(running, 'memoryMiB') },
      diskGiB: { ...capacity.diskGiB, used: capacity.diskGiB.used + sum(all, 'diskGiB') },
    };
  };
  const make = (spec: VmSpec): FakeVm => {
    const image = images.find((each) => each.id === spec.imageId);
    if (!image) throw new Problem('invalid', 'sites.errors.noImage', { id: spec.imageId });
    const network = requireNetwork(spec.network);
    const size = sizeOf(spec.flavor, presetFlavors, customFlavor);
    requireImageFits(size, image);
    requireFit(size, left(), customFlavor.maxVcpus);
    const vm: SiteVm = {
      ref: spec.vmId,
      vmId: spec.vmId,
      state: 'starting',
      reason: undefined,
      since: Date.now(),
      boot: [],
      flavor: size,
      addresses: network.kind === 'none' ? [] : ['10.0.2.15'],
      forwards: spec.network.forwards.map((each) => ({ ...each, hostPort: each.hostPort || ports++ })),
      ssh: network.kind === 'none' ? undefined : ssh,
    };
    return { vm, spec, serial: '', shade: 0 };
  };

  const offers: Site['offers'] = async ({ signal }) => {
    await entered('offers', options.id, signal);
    return {
      flavors: [...presetFlavors],
      customFlavor,
      images: [...images],
      networks: [...localNetworks],
      capacity: left(),
      accelerator: { name: 'tcg', reason: 'noKvm' },
    };
  };
  const port: Vms = {
    create: async (spec, { signal, progress }) => {
      await entered('create', spec.vmId, signal);
      const there = vms.get(spec.vmId);
      if (there) return there.vm;
      const made = make(spec);
      vms.set(spec.vmId, made);
      progress?.(1, 1);
      boot(made);
      return made.vm;
    },
    get: async (ref) => vms.get(ref)?.vm,
    list: async () => [...vms.values()].map((each) => each.vm),
    start: async (ref, { signal }) => {
      await entered('start', ref, signal);
      if (mustAct('start', find(ref).vm.state)) boot(find(ref));
    },
    stop: async (ref, graceSeconds, { signal }) => {
      await entered('stop', ref, signal);
      const forced = graceSeconds === 0;
      if (!mustAct('stop', find(ref).vm.state)) return { forced: false };
      enter(find(ref), 'stopped', forced ? 'forced' : 'stopped');
      return { forced };
    },
    reboot: async (ref, { signal }) => {
      await entered('reboot', ref, signal);
      if (mustAct('reboot', find(ref).vm.state)) boot(find(ref));
    },
    reset: async (ref) => {
      await entered('reset', ref);
      if (mustAct('reset', find(ref).vm.state)) boot(find(ref));
    },
    pause: async (ref) => {
      await entered('pause', ref);
      if (mustAct('pause', find(ref).vm.state)) enter(find(ref), 'paused');
    },
    resume: async (ref) => {
      await entered('resume', ref);
      if (mustAct('resume', find(ref).vm.state)) enter(find(ref), 'running');
    },
    delete: async (ref, { signal }) => {
      await entered('delete', ref, signal);
      const found = vms.get(ref);
      vms.delete(ref);
      if (found) changed(found);
    },
  };

  return {
    id: options.id,
    kind: 'qemu',
    forcesOff: true,
    name: options.name ?? 'In memory',
    offers,
    vms: port,
    diskCache: fakeDiskCache({
      images,
      entered,
      usersOf: (imageId) =>
        [...vms.values()].filter(({ spec }) => spec.imageId === imageId).map(({ spec }) => spec.name),
    }),
    stacks: openVmStacks({ vms: port, offers, records: memoryRecords(), forwardsAt: '127.0.0.1' }),
    console: {
      vnc: async (ref) => {
        await entered('vnc', ref);
        mustAct('look', find(ref).vm.state);
        return fakeScreen();
      },
    },
    screens: {
      screenshot: async (ref) => {
        await entered('screenshot', ref);
        mustAct('look', find(ref).vm.state);
        return fakePng(find(ref).shade++);
      },
    },
    serial: {
      serialLog: async (ref, from) => {
        const bytes = Buffer.from(find(ref).serial);
        const part = bytes.subarray(from, from + 256 * 1024);
        return { text: part.toString(), next: Math.min(from, bytes.length) + part.length };
      },
    },
    capture: {
      capture: async (ref, target, mode, { signal, progress }) => {
        const found = find(ref);
        if (mode === 'stopped') mustAct('capture', found.vm.state);
        const total = found.vm.flavor.diskGiB * 1024 ** 3;
        try {
          await writeFile(target, emptyQcow2(total), { signal });
          progress?.(total / 2, total);
          await entered('capture', ref, signal);
          progress?.(total, total);
        } catch (error) {
          await rm(target, { force: true });
          throw error;
        }
      },
    },
    agent: {
      exec: async (ref, command, { signal }) => {
        await entered('exec', `${ref} ${command.join(' ')}`, signal);
        if (!answer || find(ref).vm.state !== 'running')
          throw new Problem('unavailable', 'sites.errors.noAgent');
        return answer(command);
      },
      ping: async (ref) => answer !== undefined && find(ref).vm.state === 'running',
    },
    open: async () => undefined,
    close: async () => listeners.clear(),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    controls: {
      calls,
      get specs() {
        return [...vms.values()].map(({ spec }) => spec);
      },
      failNext: (call, error) => void failures.set(call, error),
      hold: (call) => {
        let release = (): void => undefined;
        holds.set(call, new Promise((resolve) => (release = resolve)));
        return {
          release: () => {
            holds.delete(call);
            release();
          },
        };
      },
      writeSerial: (ref, text) => {
        find(ref).serial += text;
      },
      reach: (ref, phase) => {
        const found = find(ref);
        found.vm = { ...found.vm, boot: [...found.vm.boot, { phase, at: Date.now() }] };
        changed(found);
      },
      die: (ref, reason, detail) =>
        enter(
          find(ref),
          reason === 'died' || reason === 'startFailed' ? 'failed' : 'stopped',
          reason,
          detail,
        ),
      answerExec: (next) => void (answer = next),
      sshAt: (target) => void (ssh = target),
      setCapacity: (change) => void Object.assign(capacity, change),
      addImage: (image) => void images.push(image),
      bootUntil: (phase) => void (lastPhase = phase),
    },
  };
}

/** A guest image for tests; what is not given is that of the tiny guest. */
export function fakeImage(part: Partial<GuestImage> & { id: string }): GuestImage {
  return {
    name: 'Tiny Linux',
    os: 'tiny',
    architecture: 'x86_64',
    format: 'qcow2',
    size: 20 * 1024 ** 2,
    virtualSize: 256 * 1024 ** 2,
    minMemoryMiB: 192,
    minDiskGiB: 1,
    cloudInit: true,
    login: 'root',
    digest: undefined,
    ours: true,
    ...part,
  };
}

/** An RFB server's greeting, then an echo of what the viewer sends. */
function fakeScreen(): Duplex {
  const screen = new Duplex({
    read: () => undefined,
    write: (bytes, _encoding, done) => {
      screen.push(bytes);
      done();
    },
    final: (done) => {
      screen.push(null);
      done();
    },
  });
  screen.push('RFB 003.008\n');
  return screen;
}

/** Rejects when the signal fires. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
