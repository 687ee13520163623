import { statSync } from 'node:fs';
import { phaseDetector } from '../boot-phases';
import type { BootPhase, SiteVm, SiteVmState, StopReason } from '../site';
import type { Log } from '../../log';
import type { QmpEvent } from './qmp';
import { watchSerial, type SerialWatch } from './serial-watch';
import { writeRecord, type VmPaths, type VmRecord } from './vm-folder';
import type { VmProcess } from './vm-process';

/** The address slirp gives to its only guest. */
const slirpGuest = '10.0.2.15';

/**
 * What is known of one VM, kept true by the events of its QEMU and by its serial line, and written to its folder.
 */
export class VmState {
  process: VmProcess | undefined;
  /** How the end that we asked for is to be called. */
  expectedEnd: 'stopped' | 'forced' | undefined;
  private guestPoweredOff = false;
  private serial: SerialWatch | undefined;
  private saving: Promise<void> = Promise.resolve();
  private removed = false;
  private readonly resetListeners = new Set<() => void>();

  constructor(
    public record: VmRecord,
    readonly paths: VmPaths,
    private readonly log: Log,
    private readonly changed: () => void,
  ) {}

  /** The VM as the site's users see it. */
  view(): SiteVm {
    const { record } = this;
    const { launch } = record;
    const running = record.state === 'running' || record.state === 'paused';
    return {
      ref: record.vmId,
      vmId: record.vmId,
      state: record.state,
      reason: record.reason,
      detail: record.detail,
      since: record.since,
      boot: record.boot,
      flavor: record.size,
      addresses: running && record.network !== 'none' ? [slirpGuest] : [],
      forwards: launch?.forwards ?? record.forwards,
      ssh: running && launch?.sshPort !== undefined ? { host: '127.0.0.1', port: launch.sshPort } : undefined,
    };
  }

  enter(state: Exclude<SiteVmState, 'missing'>, reason?: StopReason, detail?: string): void {
    if (this.record.state === state && this.record.reason === reason) return;
    this.update({ state, reason, detail, since: Date.now() });
  }

  /** Changes the record, tells listeners, and writes it. */
  update(part: Partial<VmRecord>): void {
    this.record = { ...this.record, ...part };
    this.changed();
    this.save().catch((error: unknown) => this.log.error({ err: error, vm: this.record.vmId }, 'vm.json'));
  }

  /** Resolves when the record as it is now is on disk. */
  save(): Promise<void> {
    this.saving = this.saving
      .catch(() => undefined)
      .then(() => (this.removed ? undefined : writeRecord(this.paths, this.record)));
    return this.saving;
  }

  /** Begins to follow a process, from its newest start on. */
  attach(process: VmProcess): void {
    this.process = process;
    this.guestPoweredOff = false;
    process.qmp.onEvent((event) => this.onEvent(event));
    process.gone.then(
      ({ detail }) => this.onGone(process, detail),
      (error: unknown) => this.log.error({ err: error, vm: this.record.vmId }, 'qemu process'),
    );
    this.followSerial();
  }

  private onEvent({ name, data }: QmpEvent): void {
    const { state } = this.record;
    if (name === 'BLOCK_IO_ERROR' && data['nospace'] === true && data['action'] === 'stop')
      this.enter('paused', 'hostDiskFull');
    if (name === 'STOP' && state === 'running' && !this.record.held) this.enter('paused');
    if (name === 'RESUME' && !this.record.held) this.enter('running');
    if (name === 'SHUTDOWN') this.guestPoweredOff = data['guest'] === true;
    if (name === 'GUEST_PANICKED') this.reach(['panic']);
    if (name === 'RESET') {
      this.beginBoot();
      for (const listener of this.resetListeners) listener();
    }
  }

  private onGone(process: VmProcess, detail: string | undefined): void {
    if (this.process !== process) return;
    this.process = undefined;
    this.serial?.close();
    process.qmp.close();
    if (this.expectedEnd) this.enter('stopped', this.expectedEnd);
    else if (this.guestPoweredOff) this.enter('stopped', 'guestPowerOff');
    else this.enter('failed', 'died', detail);
    this.expectedEnd = undefined;
  }

  /** Resolves at the guest's next restart. */
  nextReset(): Promise<void> {
    return new Promise((resolve) => {
      const listener = () => {
        this.resetListeners.delete(listener);
        resolve();
      };
      this.resetListeners.add(listener);
    });
  }

  /** The guest starts anew: what its serial line said before no longer counts. */
  private beginBoot(): void {
    const { launch } = this.record;
    if (!launch || !this.serial) return;
    this.serial.close();
    // The size and not what we have read: a login prompt from before must not count.
    const serialStart = this.record.serialCut + fileSize(this.paths.serialLog);
    this.update({ boot: [{ phase: 'firmware', at: Date.now() }], launch: { ...launch, serialStart } });
    this.followSerial();
  }

  private followSerial(): void {
    const { launch, serialCut } = this.record;
    if (!launch) return;
    const detect = phaseDetector(this.record.boot.map((each) => each.phase));
    this.serial = watchSerial(this.paths.serialLog, Math.max(0, launch.serialStart - serialCut), {
      onText: (text) => this.reach(detect(text)),
      onCut: (bytes) => this.update({ serialCut: this.record.serialCut + bytes }),
    });
    void this.serial.read();
  }

  private reach(phases: BootPhase[]): void {
    const fresh = phases.filter((phase) => !this.record.boot.some((each) => each.phase === phase));
    if (fresh.length === 0) return;
    const at = Date.now();
    this.update({ boot: [...this.record.boot, ...fresh.map((phase) => ({ phase, at }))] });
  }

  /** Lets go of the process, which runs on. */
  async detach(): Promise<void> {
    this.serial?.close();
    const { process } = this;
    this.process = undefined;
    process?.qmp.close();
    await this.saving.catch(() => undefined);
  }

  /** Nothing is written from now on; resolves when the last write has ended. */
  async forget(): Promise<void> {
    this.removed = true;
    await this.detach();
  }
}

/** @returns bytes; 0 when the file is not there */
export function fileSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
