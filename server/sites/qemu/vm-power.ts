import { setTimeout as pause } from 'node:timers/promises';
import { Problem } from '../../problem';
import { mustAct } from '../power-rules';
import { agentRun } from './agent';
import { qemuArguments } from './argv';
import { findPorts, type BoundForward } from './host-ports';
import { kill, launch as launchQemu, type VmProcess } from './vm-process';
import { fileSize, type VmState } from './vm-state';

/** What starting a VM needs to know of its site. */
export interface Launchpad {
  accelerator(): Promise<{ name: 'kvm' | 'tcg'; sandbox: boolean }>;
  /** Host ports that other VMs of the site were given. */
  takenPorts(except: VmState): Set<number>;
  /** Address of this machine at which people reach forwarded ports. */
  forwardsAt: string;
}

/** The guest's SSH port is forwarded to us on every network, for files and tools, and to nobody else. */
const sshForward: BoundForward = { protocol: 'tcp', at: '127.0.0.1', hostPort: 0, guestPort: 22 };

/** Somebody took a port between our look and QEMU's: we look again, so often. */
const portTries = 4;

/**
 * Starts the VM's QEMU and its CPUs.
 *
 * @throws Problem `conflict` when an asked host port is in use, `failed` with QEMU's words
 */
export async function startVm(vm: VmState, pad: Launchpad, signal?: AbortSignal): Promise<void> {
  const { name: accelerator, sandbox } = await pad.accelerator();
  signal?.throwIfAborted();
  vm.enter('starting');
  try {
    const process = await launchWithPorts(vm, pad, { accelerator, sandbox }, signal);
    vm.attach(process);
    await process.qmp.run('cont');
    const { launch } = vm.record;
    if (launch) vm.record = { ...vm.record, launch: { ...launch, done: true } };
    vm.enter('running');
    await vm.save();
  } catch (error) {
    await kill(vm.paths);
    const detail = error instanceof Problem ? error.detail : undefined;
    vm.enter(signal?.aborted ? 'stopped' : 'failed', signal?.aborted ? 'notStarted' : 'startFailed', detail);
    throw error;
  }
}

async function launchWithPorts(
  vm: VmState,
  pad: Launchpad,
  how: { accelerator: 'kvm' | 'tcg'; sandbox: boolean },
  signal: AbortSignal | undefined,
): Promise<VmProcess> {
  for (let tries = 1; ; tries++) {
    const { record } = vm;
    const asked = record.forwards.map((each) => ({ ...each, at: pad.forwardsAt }));
    const wanted = record.network === 'none' ? [] : [...asked, preferredSsh(vm)];
    let found = await findPorts(wanted, pad.takenPorts(vm));
    if ('taken' in found && record.network !== 'none')
      found = await findPorts([...asked, sshForward], pad.takenPorts(vm));
    if ('taken' in found) throw portTaken(found.taken);
    const sshPort = record.network === 'none' ? undefined : found.forwards.at(-1)?.hostPort;
    const forwards = found.forwards.slice(0, asked.length).map(({ at: _at, ...forward }) => forward);
    vm.update({
      launch: {
        ...how,
        forwards,
        sshPort,
        serialStart: record.serialCut + fileSize(vm.paths.serialLog),
        done: record.launch?.done ?? false,
      },
      boot: [{ phase: 'firmware', at: Date.now() }],
    });
    await vm.save();
    try {
      const argv = qemuArguments(
        { ...record, ...record.size, ...how, ...bases(vm), forwards: found.forwards },
        vm.paths,
      );
      return await launchQemu(argv, vm.paths, signal);
    } catch (error) {
      if (!isPortConflict(error) || tries === portTries) throw error;
      const fixed = record.forwards.find((each) => each.hostPort !== 0);
      if (fixed && tries > 1) throw portTaken(fixed.hostPort);
    }
  }
}

/** The SSH port of the last start, so that what people noted stays true where it can. */
function preferredSsh(vm: VmState): BoundForward {
  return { ...sshForward, hostPort: vm.record.launch?.sshPort ?? 0 };
}

function bases(vm: VmState) {
  return { base: vm.record.base, cd: vm.record.cd };
}

function portTaken(port: number): Problem {
  return new Problem('conflict', 'sites.errors.portTaken', { port });
}

function isPortConflict(error: unknown): boolean {
  return error instanceof Problem && (error.detail ?? '').includes('host forwarding rule');
}

/** How often the power button is pressed again: a guest that is still starting does not hear it. */
const pressAgainMs = 5_000;

/**
 * Asks the guest to power off and waits; then forces it.
 *
 * @param graceSeconds how long the guest may take; 0 forces at once
 */
export async function stopVm(
  vm: VmState,
  graceSeconds: number,
  signal?: AbortSignal,
): Promise<{ forced: boolean }> {
  if (!mustAct('stop', vm.record.state)) return { forced: false };
  if (graceSeconds > 0 && (await stopsByItself(vm, graceSeconds, signal))) return { forced: false };
  await forceOff(vm);
  return { forced: true };
}

/** @returns whether the guest was off in time */
async function stopsByItself(vm: VmState, graceSeconds: number, signal?: AbortSignal): Promise<boolean> {
  const { process } = vm;
  if (!process) return false;
  vm.expectedEnd = 'stopped';
  const end = Date.now() + graceSeconds * 1000;
  const ended = process.gone.then(() => true);
  try {
    if (vm.record.state === 'paused') await process.qmp.run('cont');
    for (;;) {
      await process.qmp.run('system_powerdown');
      const wait = Math.max(0, Math.min(pressAgainMs, end - Date.now()));
      if (await Promise.race([ended, pause(wait, false, { signal })])) return true;
      if (Date.now() >= end) return false;
    }
  } catch (error) {
    if (signal?.aborted) {
      vm.expectedEnd = undefined;
      throw error;
    }
    // The connection ended between two questions, with its QEMU.
    return Promise.race([ended, pause(1000, false)]);
  }
}

/** Ends the VM's QEMU now and waits until that is known. */
export async function forceOff(vm: VmState): Promise<void> {
  const { process } = vm;
  vm.expectedEnd = 'forced';
  await kill(vm.paths);
  await process?.gone;
}

/** How long a guest may take from the question to its restart. */
const rebootLimitMs = 60_000;

/**
 * Asks the guest's agent to restart it; without an agent, or when nothing happens, resets it.
 */
export async function rebootVm(vm: VmState, signal?: AbortSignal): Promise<void> {
  mustAct('reboot', vm.record.state);
  const { process } = vm;
  if (!process) throw new Problem('conflict', 'sites.errors.notRunning');
  const restarted = vm.nextReset().then(() => true);
  try {
    await agentRun(vm.paths, 'guest-ping', {}, 2000);
    // A success has no answer: the agent ends with its guest.
    agentRun(vm.paths, 'guest-shutdown', { mode: 'reboot' }, 2000).catch(() => undefined);
    const late = pause(rebootLimitMs, false, { signal, ref: false });
    if (await Promise.race([restarted, late])) return;
  } catch (error) {
    if (signal?.aborted) throw error;
  }
  await process.qmp.run('system_reset');
  await Promise.race([restarted, pause(5000, undefined, { ref: false })]);
}
