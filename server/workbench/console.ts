import { createHash, randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { requireUser, type Actor } from '../access/actor';
import type { Events } from '../jobs/events';
import { asProblem, Problem, type ProblemReport } from '../problem';
import type { SiteRegistry } from '../sites/registry';

/** What the consoles need to know of a VM, of a project or of a deployment. */
export interface ConsoleVm {
  /** Of a VM of a deployment `<deployment>.<resource>`. */
  id: string;
  siteId: string;
  /** The site's id of the VM; undefined before it was made there. */
  siteRef: string | undefined;
  state: string;
}

export interface ConsolePorts {
  /** The VM, checked against the actor's rights. @throws Problem `not_found` */
  vmFor(actor: Actor, vmId: string): ConsoleVm;
  sites: SiteRegistry;
  events: Events;
  /** Milliseconds since 1970. */
  now?: () => number;
}

export interface ConsoleTicket {
  ticket: string;
  /** Path of the WebSocket, ticket included, on the server's own port. */
  path: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** Why an open console ends; the page says it in words. */
export type ConsoleEnd = 'vm_stopped' | 'access_lost';

export interface OpenConsole {
  stream: Duplex;
  /** Calls back once when the VM stops or the user loses access; the returned function stops watching. */
  onEnd: (listener: (end: ConsoleEnd) => void) => () => void;
}

export interface Consoles {
  /**
   * A ticket for one connection to a VM's screen, valid for 30 seconds.
   * @throws Problem `unauthenticated`, `not_found`, `conflict` when the VM has no picture now
   */
  issue(actor: Actor, vmId: string): ConsoleTicket;
  /**
   * Uses a ticket up and opens the RFB stream.
   * @throws Problem `forbidden` for a ticket that is used, expired, of another user or VM; `conflict`, `unavailable`
   */
  open(actor: Actor, vmId: string, ticket: string): Promise<OpenConsole>;
  /**
   * Why the site refused the screen to this user when it was last asked, within a minute; a browser tells a page
   * nothing of a WebSocket that was refused.
   * @throws Problem `not_found`
   */
  refusal(actor: Actor, vmId: string): ProblemReport | undefined;
}

const ticketLifeMs = 30_000;
const refusalLifeMs = 60_000;
const withPicture = new Set(['starting', 'running', 'paused', 'stopping', 'capturing']);

/**
 * Consoles of VMs. Tickets live in memory as hashes only: a restart of the server forgets them, and that is right,
 * for no ticket is older than a restart takes.
 */
export function openConsoles(ports: ConsolePorts): Consoles {
  const now = ports.now ?? Date.now;
  const tickets = new Map<string, { userId: string; vmId: string; expiresAt: number }>();

  const refusals = new Map<string, { problem: ProblemReport; expiresAt: number }>();
  const refusalKey = (actor: Actor, vmId: string) => JSON.stringify([actor.userId, vmId]);

  const remember = (actor: Actor, vmId: string, problem: ProblemReport) => {
    for (const [key, { expiresAt }] of refusals) if (expiresAt <= now()) refusals.delete(key);
    refusals.set(refusalKey(actor, vmId), { problem, expiresAt: now() + refusalLifeMs });
  };

  const forget = (drop: (ticket: { vmId: string; expiresAt: number }) => boolean) => {
    for (const [hash, ticket] of tickets) if (drop(ticket)) tickets.delete(hash);
  };

  ports.events.subscribe((notice) => {
    const concerned = [...tickets.values()].filter(({ vmId }) => tellsOf(notice, vmId));
    for (const { vmId } of concerned) if (!hasPicture(vmId)) forget((ticket) => ticket.vmId === vmId);
  });

  function hasPicture(vmId: string): boolean {
    try {
      return withPicture.has(ports.vmFor(systemReader, vmId).state);
    } catch {
      return false; // deleted
    }
  }

  function vmWithPicture(actor: Actor, vmId: string): ConsoleVm & { siteRef: string } {
    const vm = ports.vmFor(actor, vmId);
    if (vm.siteRef === undefined || !withPicture.has(vm.state)) {
      throw new Problem('conflict', 'console.errors.notRunning', { state: vm.state });
    }
    return { ...vm, siteRef: vm.siteRef };
  }

  return {
    issue(actor, vmId) {
      const user = requireUser(actor);
      vmWithPicture(user, vmId);
      forget((ticket) => ticket.expiresAt <= now());
      const ticket = randomBytes(32).toString('base64url');
      const expiresAt = now() + ticketLifeMs;
      tickets.set(hashOf(ticket), { userId: user.userId, vmId, expiresAt });
      return { ticket, expiresAt, path: `/api/v1/vms/${encodeURIComponent(vmId)}/console?ticket=${ticket}` };
    },

    async open(actor, vmId, ticket) {
      const hash = hashOf(ticket);
      const known = tickets.get(hash);
      tickets.delete(hash);
      // One answer for every reason: a thief of tickets must not learn which half was wrong.
      if (!known || known.expiresAt <= now() || known.vmId !== vmId || known.userId !== actor.userId) {
        throw new Problem('forbidden', 'console.errors.badTicket');
      }
      const vm = vmWithPicture(actor, vmId);
      const site = ports.sites.get(vm.siteId);
      if (!site.console) throw new Problem('unavailable', 'sites.missing.console');
      const stream = await site.console.vnc(vm.siteRef).catch((error: unknown) => {
        remember(actor, vmId, asProblem(error).report());
        throw error;
      });
      refusals.delete(refusalKey(actor, vmId));
      return { stream, onEnd: (listener) => watch(actor, vmId, listener) };
    },

    refusal(actor, vmId) {
      ports.vmFor(actor, vmId);
      const known = refusals.get(refusalKey(actor, vmId));
      return known && known.expiresAt > now() ? known.problem : undefined;
    },
  };

  function watch(actor: Actor, vmId: string, listener: (end: ConsoleEnd) => void): () => void {
    const stop = ports.events.subscribe((notice) => {
      const concerns =
        tellsOf(notice, vmId) ||
        notice.topic === 'project' ||
        (notice.topic === 'users' && notice.id === actor.userId);
      if (!concerns) return;
      const end = endOf(actor, vmId);
      if (end === undefined) return;
      stop();
      listener(end);
    });
    return stop;
  }

  function endOf(actor: Actor, vmId: string): ConsoleEnd | undefined {
    try {
      return withPicture.has(ports.vmFor(actor, vmId).state) ? undefined : 'vm_stopped';
    } catch {
      return hasPicture(vmId) ? 'access_lost' : 'vm_stopped';
    }
  }
}

/** Whether something of a VM changed. */
function tellsOf({ topic, id }: { topic: string; id: string }, vmId: string): boolean {
  return topic === 'deployment' ? vmId.startsWith(`${id}.`) : topic === 'vm' && id === vmId;
}

// Reads a VM's state for the ticket book itself; never handed out.
const systemReader: Actor = {
  userId: undefined,
  name: 'consoles',
  role: 'admin',
  scopes: ['read'],
  via: 'system',
};

function hashOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64url');
}
