import { describe, expect, it } from 'vitest';
import { phaseDetector } from './boot-phases';
import type { BootPhase } from './site';

/** Phases found in text that comes in pieces of a size. */
function phases(text: string, size = text.length): BootPhase[] {
  const detect = phaseDetector(['firmware']);
  const found: BootPhase[] = [];
  for (let at = 0; at < text.length; at += size) found.push(...detect(text.slice(at, at + size)));
  return found;
}

const debianBoot = [
  '\u001B[2J\u001B[01;01HGRUB: booting\r\n',
  '[    0.000000] Linux version 6.1.0-44-cloud-amd64\r\n',
  '[    2.310000] Run /init as init process\r\n',
  '[    9.120000] systemd[1]: Detected virtualization qemu.\r\n',
  '\r\nWelcome to \u001B[1mDebian GNU/Linux 12\u001B[0m!\r\n',
  '\r\nDebian GNU/Linux 12 web ttyS0\r\n\r\nweb login: ',
].join('');

describe('boot phases', () => {
  it('are found in order, in pieces of any size', () => {
    for (const size of [1, 7, 64, 10_000])
      expect(phases(debianBoot, size)).toEqual(['bootloader', 'kernel', 'userspace', 'login']);
  });

  it('take a word about logins for no prompt', () => {
    expect(phases('Starting systemd-logind.service - User Login Management...\r\n')).toEqual([]);
    expect(phases('pam: last login: yesterday\r\nno\r\n')).toEqual([]);
  });

  it('see a panic at any time, also after the login', () => {
    const panic = '[   99.1] Kernel panic - not syncing: sysrq triggered crash\r\n';
    expect(phases(`Linux version 6.1\n${panic}`)).toEqual(['kernel', 'panic']);
    expect(phases(debianBoot + panic, 50).at(-1)).toBe('panic');
  });

  it('do not go back', () => {
    expect(phases(`${debianBoot}\nGRUB\nLinux version 6`, 30)).toEqual([
      'bootloader',
      'kernel',
      'userspace',
      'login',
    ]);
  });

  it('keep no more of an endless line than they need', () => {
    const detect = phaseDetector();
    const megabyte = 'x'.repeat(1024 ** 2);
    for (let i = 0; i < 50; i++) expect(detect(megabyte)).toEqual([]);
    expect(detect('\nweb login: ')).toEqual(['login']);
  });
});
