/** What the text of a serial line tells of a boot, whoever runs the VM. */
import type { BootPhase } from './site';

/** Phases a boot goes through; a later one never goes back to an earlier one, except for a panic. */
const order: BootPhase[] = ['firmware', 'bootloader', 'kernel', 'userspace', 'login', 'panic'];

const signs: { phase: BootPhase; sign: RegExp }[] = [
  { phase: 'firmware', sign: /SeaBIOS|UEFI firmware|BdsDxe/ },
  { phase: 'bootloader', sign: /\bGRUB\b|ISOLINUX|SYSLINUX|\biPXE\b|Loading Linux/ },
  { phase: 'kernel', sign: /Linux version \d|\[ {4}0\.0000\d\d\]/ },
  {
    phase: 'userspace',
    sign: /Run \S+ as init process|systemd\[1\]:|Welcome to .+!|cloud-init\[\d|OpenRC \d/,
  },
  // The prompt is the end of the text: nothing follows until somebody types.
  { phase: 'login', sign: /(^|[\n ])login: ?$|(^|\n)\S+ login: / },
  { phase: 'panic', sign: /Kernel panic - / },
];

/** Text kept to find signs that came in two pieces. */
const tailLength = 256;

/**
 * Finds what a boot has reached in the text of a serial line. It keeps a few hundred characters, however much comes.
 *
 * @param reached phases that are known already
 * @returns a function that takes text as it comes and returns the phases that are new
 */
export function phaseDetector(reached: readonly BootPhase[] = []): (text: string) => BootPhase[] {
  let tail = '';
  let furthest = Math.max(-1, ...reached.map((phase) => order.indexOf(phase)));
  return (text) => {
    // Terminals are told colours and places between the letters.
    // oxlint-disable-next-line no-control-regex
    const seen = (tail + text).replace(/\u001B\[[0-9;?]*[A-Za-z]|\r/g, '');
    tail = seen.slice(-tailLength);
    const fresh: BootPhase[] = [];
    for (const { phase, sign } of signs) {
      if (order.indexOf(phase) <= furthest || !sign.test(seen)) continue;
      fresh.push(phase);
      furthest = order.indexOf(phase);
    }
    return fresh;
  };
}
