import { describe, expect, it } from 'vitest';
import { pastOf } from './server-actions';
import { addressesOf, isGone, novaServer, stateOf, viewOf } from './server-view';

const shown = {
  id: 's-1',
  name: 'web',
  status: 'ACTIVE',
  created: '2026-01-01T10:00:00Z',
  updated: '2026-01-01T10:00:09Z',
  metadata: { edgeyard_vm: 'vm-a' },
  flavor: { vcpus: 2, ram: 512, disk: 3, original_name: 'small' },
  addresses: {
    lan: [
      { addr: 'fd00::5', version: 6, 'OS-EXT-IPS:type': 'fixed' },
      { addr: '10.0.0.5', version: 4, 'OS-EXT-IPS:type': 'fixed' },
      { addr: '192.0.2.7', version: 4, 'OS-EXT-IPS:type': 'floating' },
    ],
  },
  'OS-EXT-STS:task_state': null,
  'OS-SRV-USG:launched_at': '2026-01-01T10:00:08.000000',
};
const server = (part: Record<string, unknown> = {}) => novaServer.parse({ ...shown, ...part });
const none = { bootedAt: undefined, stopped: undefined };

describe('a server as a VM', () => {
  it.each([
    ['ACTIVE', 'running'],
    ['BUILD', 'starting'],
    ['HARD_REBOOT', 'running'],
    ['PAUSED', 'paused'],
    ['SUSPENDED', 'paused'],
    ['SHUTOFF', 'stopped'],
    ['SHELVED_OFFLOADED', 'stopped'],
    ['ERROR', 'failed'],
    ['VERIFY_RESIZE', 'running'],
  ])('%s is %s', (status, state) => {
    expect(stateOf(server({ status }))).toBe(state);
  });

  it('starts while nova powers it on', () => {
    expect(stateOf(server({ status: 'SHUTOFF', 'OS-EXT-STS:task_state': 'powering-on' }))).toBe('starting');
  });

  it('whose cell does not answer is not gone', () => {
    const partial = novaServer.parse({ id: 's-1', status: 'UNKNOWN' });
    expect(isGone(partial)).toBe(false);
    expect(() => stateOf(partial)).toThrow('openstack.errors.serverUnknown');
  });

  it('is reached by its floating address, else by a fixed one of IPv4', () => {
    expect(addressesOf(server())).toEqual(['192.0.2.7', '10.0.0.5', 'fd00::5']);
    expect(viewOf(server(), none).ssh).toEqual({ host: '192.0.2.7', port: 22 });
    expect(viewOf(server({ addresses: {} }), none).ssh).toBeUndefined();
  });

  it('has its flavor, its times and the firmware before what the console showed', () => {
    const at = Date.parse('2026-01-01T10:00:08Z');
    const view = viewOf(server(), { bootedAt: at, stopped: undefined }, [
      { phase: 'kernel', at: at - 500 },
      { phase: 'login', at: at + 9000 },
    ]);
    expect(view).toMatchObject({
      ref: 's-1',
      vmId: 'vm-a',
      state: 'running',
      since: at + 1000,
      flavor: { vcpus: 2, memoryMiB: 512, diskGiB: 3 },
    });
    // Nova's clock was half a second ahead.
    expect(view.boot).toEqual([
      { phase: 'firmware', at },
      { phase: 'kernel', at },
      { phase: 'login', at: at + 9000 },
    ]);
  });

  it('says why it failed, in nova’s words as well', () => {
    const message = 'No valid host was found. There are not enough hosts available.';
    const view = viewOf(server({ status: 'ERROR', fault: { code: 500, message } }), none);
    expect(view).toMatchObject({ state: 'failed', reason: 'noValidHost', detail: message, boot: [] });
  });

  it('that was put aside says so', () => {
    expect(viewOf(server({ status: 'SHELVED' }), none).reason).toBe('shelved');
  });
});

describe('what its actions tell', () => {
  const action = (name: string, from: string, to: string, user: string | null = 'u') => ({
    action: name,
    request_id: `req-${from}`,
    start_time: `2026-01-01T${from}.000000`,
    updated_at: `2026-01-01T${to}.000000`,
    user_id: user,
  });
  const create = action('create', '10:00:00', '10:00:08');
  const off = server({ status: 'SHUTOFF' });

  it('is when it was started last', () => {
    const reboot = action('reboot', '11:00:00', '11:00:02');
    expect(pastOf(server(), [create]).bootedAt).toBe(Date.parse('2026-01-01T10:00:08Z'));
    expect(pastOf(server(), [reboot, create]).bootedAt).toBe(Date.parse('2026-01-01T11:00:00Z'));
    expect(pastOf(server({ 'OS-SRV-USG:launched_at': null }), [create]).bootedAt).toBeUndefined();
  });

  it('is who switched it off', () => {
    expect(pastOf(off, [action('stop', '12:00:00', '12:00:05'), create]).stopped).toBe('stopped');
    expect(pastOf(off, [action('stop', '12:00:00', '12:01:02'), create]).stopped).toBe('forced');
    expect(pastOf(off, [action('stop', '12:00:00', '12:00:01', null), create]).stopped).toBe('guestPowerOff');
    expect(pastOf(off, [create]).stopped).toBe('guestPowerOff');
  });
});
