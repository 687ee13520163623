/** What a capture can be asked for, and the very commands that clean a guest: shown to people before they run. */
import { z } from 'zod';
import { wordsSchema } from '../problem-schema';

export const captureModes = ['stop', 'freeze'] as const;

export const cleanItems = [
  'hostKeys',
  'machineId',
  'cloudInit',
  'loginKeys',
  'history',
  'logs',
  'trim',
] as const;
export type CleanItem = (typeof cleanItems)[number];

/** Items that lock people out unless the guest's next start is a first start. */
export const needsFirstStart: readonly CleanItem[] = ['hostKeys', 'loginKeys'];

export const captureInput = z
  .object({
    name: z.string().trim().min(1).max(120),
    description: z.string().trim().max(2000).default(''),
    /** `stop` powers the guest off, copies, and starts it again; `freeze` copies a moment of the running guest. */
    mode: z.enum(captureModes).default('stop'),
    clean: z.array(z.enum(cleanItems)).max(cleanItems.length).default([]),
    visibility: z.enum(['everyone', 'project', 'owner']).default('project'),
    /** The site keeps a copy of its own, so that a next VM from the image needs no upload; where it can. */
    keep: z.boolean().default(false),
  })
  .refine(({ mode, clean }) => mode === 'stop' || clean.length === 0, {
    path: ['clean'],
    error: 'Cleaning needs mode "stop": a guest that runs on writes its state anew',
  })
  // Only a guest that believes it starts for the first time makes host keys and takes login keys anew.
  .refine(
    ({ clean }) => clean.includes('cloudInit') || !clean.some((item) => needsFirstStart.includes(item)),
    {
      path: ['clean'],
      error: 'Removing host keys or login keys needs the item "cloudInit" as well',
    },
  );
export type CaptureInput = z.infer<typeof captureInput>;

/**
 * Shell commands of each item (POSIX sh, as root). `finds` succeeds when there is something to clean; `cleans` removes
 * it. The files are those of Debian's openssh, dropbear, systemd, cloud-init and common shells.
 */
export const cleanCommands: Record<CleanItem, { finds: string; cleans: string }> = {
  hostKeys: {
    finds: 'ls /etc/ssh/ssh_host_*_key /etc/dropbear/dropbear_*_host_key 2>/dev/null | grep -q .',
    cleans: 'rm -f /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub /etc/dropbear/dropbear_*_host_key',
  },
  machineId: {
    finds: 'test -s /etc/machine-id',
    cleans: 'if [ -e /etc/machine-id ]; then : > /etc/machine-id; fi; rm -f /var/lib/dbus/machine-id',
  },
  cloudInit: {
    finds: 'test -e /var/lib/cloud/instance -o -e /var/lib/cloud/data/instance-id -o -e /etc/instance-id',
    cleans:
      'rm -rf /var/lib/cloud/instance /var/lib/cloud/instances /var/lib/cloud/data /var/lib/cloud/sem /etc/instance-id',
  },
  loginKeys: {
    finds: 'cat /root/.ssh/authorized_keys /home/*/.ssh/authorized_keys 2>/dev/null | grep -q .',
    cleans: 'rm -f /root/.ssh/authorized_keys /home/*/.ssh/authorized_keys',
  },
  history: {
    finds: 'ls /root/.*_history /home/*/.*_history 2>/dev/null | grep -q .',
    cleans: 'rm -f /root/.*_history /home/*/.*_history',
  },
  logs: {
    finds: 'find /var/log -type f -size +0 2>/dev/null | grep -q .',
    cleans: 'find /var/log -type f | while IFS= read -r log; do : > "$log"; done',
  },
  trim: {
    finds: 'command -v fstrim >/dev/null',
    cleans: 'if command -v fstrim >/dev/null; then sync; fstrim -a; fi',
  },
};

/** How one item stands in the guest; `unknown` where nobody can look. */
export const doctorLight = z.object({
  item: z.enum(cleanItems),
  state: z.enum(['found', 'clean', 'unknown']),
  command: z.string(),
});

export const captureDoctor = z.object({
  /** Whether the VM runs, so that it can be cleaned and frozen. */
  running: z.boolean(),
  /** How commands reach the guest; null when they do not. */
  way: z.enum(['agent', 'ssh']).nullable(),
  /** Why they do not: a full message key; null when they do, or when nobody tried since the VM does not run. */
  noWay: wordsSchema.nullable(),
  /** Whether a freeze is done by the guest's agent; otherwise its CPUs stand still for a moment. */
  agent: z.boolean(),
  /** Bytes of disk the guest sees, bytes its disk takes now (null where the site does not tell), bytes we may write. */
  virtualSize: z.number(),
  storedSize: z.number().nullable(),
  usable: z.number(),
  /** Whether the site can keep a copy of its own. */
  canKeep: z.boolean(),
  lights: z.array(doctorLight),
});
export type CaptureDoctor = z.infer<typeof captureDoctor>;
