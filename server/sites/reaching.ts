/** The part of the site port that tells why a guest cannot be reached, and what helps. */
import type { Messages } from '@/messages/messages';
import type { Call } from './site';

/** One hop of the way from our server to a guest, in order; the first that fails is the cause. */
export interface Hop {
  hop: 'state' | 'network' | 'route' | 'securityGroup' | 'port';
  ok: boolean;
  /** A word of `sites.hops.<word>`, with its values. */
  says: keyof Messages['sites']['hops'];
  params: Record<string, string | number>;
}

/** A way to mend what a hop lacks. */
export type ReachMend =
  { kind: 'openPort'; port: number } | { kind: 'floatingIp'; networkId: string; name: string };

/** What helps against a hop that fails: a mend, or a new VM with the files on its config drive. */
export type ReachFix = ReachMend | { kind: 'configDrive'; kib: number };

export interface Reaching {
  /** Looks at every hop between our server and a TCP port of the guest. Changes nothing. */
  examine(ref: string, port: number, call: Call): Promise<{ hops: Hop[]; fixes: ReachFix[] }>;
  /** Applies one of the fixes that {@link examine} offered. @throws Problem `conflict`, `forbidden`, `failed` */
  mend(ref: string, fix: ReachMend, call: Call): Promise<void>;
}
