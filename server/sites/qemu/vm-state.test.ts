import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openLog } from '../../log';
import { newRecord } from './make-vm';
import type { Qmp, QmpEvent } from './qmp';
import { vmPaths } from './vm-folder';
import { VmState } from './vm-state';
import { wish } from '../wish';

let folder: string;
let vm: VmState;
let emit: (name: string, data?: Record<string, unknown>) => void;
let end: (detail?: string) => void;
const changed = vi.fn<() => void>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-'));
  const paths = vmPaths(folder, 'vm-a');
  mkdirSync(paths.folder);
  writeFileSync(paths.serialLog, 'web login: ');
  const size = { vcpus: 1, memoryMiB: 256, diskGiB: 1 };
  const record = newRecord(wish('tiny'), size, { path: '/a', format: 'qcow2' }, 'pc');
  record.launch = {
    accelerator: 'tcg',
    sandbox: true,
    forwards: [],
    sshPort: 4022,
    serialStart: 0,
    done: true,
  };
  vm = new VmState(record, paths, openLog('silent'), changed);
  let listener: (event: QmpEvent) => void = () => undefined;
  const qmp: Qmp = {
    run: async () => undefined,
    onEvent: (next) => {
      listener = next;
      return () => undefined;
    },
    closed: new Promise(() => undefined),
    close: () => undefined,
  };
  emit = (name, data = {}) => listener({ name, data });
  vm.attach({ pid: 1, qmp, gone: new Promise((resolve) => (end = (detail) => resolve({ detail }))) });
  vm.enter('running');
});
afterEach(async () => {
  await vm.detach();
  rmSync(folder, { recursive: true });
});

describe('state of a VM by the events of its QEMU', () => {
  it('follows pauses, told by anybody', () => {
    emit('STOP');
    expect(vm.view().state).toBe('paused');
    emit('RESUME');
    expect(vm.view().state).toBe('running');
  });

  it('does not call it a pause when a capture holds the CPUs', () => {
    vm.update({ held: true });
    emit('STOP');
    emit('RESUME');
    expect(vm.view().state).toBe('running');
  });

  it('says that the full disk of the host paused it', () => {
    emit('BLOCK_IO_ERROR', { nospace: true, action: 'stop' });
    emit('STOP');
    expect(vm.view()).toMatchObject({ state: 'paused', reason: 'hostDiskFull' });
    emit('RESUME');
    expect(vm.view()).toMatchObject({ state: 'running', reason: undefined });
  });

  it.each([
    ['guestPowerOff', 'stopped', () => emit('SHUTDOWN', { guest: true, reason: 'guest-shutdown' })],
    ['stopped', 'stopped', () => (vm.expectedEnd = 'stopped')],
    ['forced', 'stopped', () => (vm.expectedEnd = 'forced')],
    ['died', 'failed', () => emit('SHUTDOWN', { guest: false, reason: 'host-signal' })],
  ])('ends with the reason %s', async (reason, state, before) => {
    before();
    end('killed by SIGTERM');
    await vi.waitFor(() => expect(vm.view()).toMatchObject({ state, reason, ssh: undefined, addresses: [] }));
    expect(vm.view().detail).toBe(reason === 'died' ? 'killed by SIGTERM' : undefined);
  });

  it('starts the boot anew at a restart, and forgets the old prompt', async () => {
    await vi.waitFor(() => expect(vm.view().boot.map((each) => each.phase)).toEqual(['login']));
    const restarted = vm.nextReset();
    emit('RESET', { guest: true });
    await restarted;
    expect(vm.view().boot.map((each) => each.phase)).toEqual(['firmware']);
    emit('GUEST_PANICKED', { action: 'pause' });
    expect(vm.view().boot.map((each) => each.phase)).toEqual(['firmware', 'panic']);
  });

  it('keeps what it knows on disk, and tells listeners', async () => {
    changed.mockClear();
    emit('STOP');
    await vm.save();
    expect(changed).toHaveBeenCalled();
    expect(JSON.parse(readFileSync(vm.paths.record, 'utf8'))).toMatchObject({
      state: 'paused',
      vmId: 'vm-a',
    });
  });
});
