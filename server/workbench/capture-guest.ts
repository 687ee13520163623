import { Problem } from '../problem';
import type { Site } from '../sites/site';
import { cleanCommands, cleanItems, type CaptureDoctor, type CleanItem } from './capture-schemas';
import { execInGuest } from './guest/exec';
import { connectGuest, type GuestAccess } from './guest/ssh';

/** How shell text is run in a guest as root. */
export interface GuestShell {
  way: 'agent' | 'ssh';
  /** @throws Problem `unavailable`, `failed`, `cancelled` */
  run(script: string, signal: AbortSignal): Promise<{ code: number; output: string }>;
  /** Lets go of the connection. */
  close(): void;
}

const commandMs = 5 * 60_000;
const sshPort = 22;

/**
 * Finds a way to run commands in a guest: its agent, which needs no network, else SSH.
 *
 * @param accessOf how the guest is reached by SSH
 * @returns a shell that the caller closes; undefined when neither answers, with the reason
 */
export async function guestShell(
  site: Site,
  ref: string,
  accessOf: () => Promise<GuestAccess>,
  signal: AbortSignal,
): Promise<{ shell: GuestShell | undefined; reason: Problem | undefined }> {
  const { agent } = site;
  if (agent && (await agent.ping(ref).catch(() => false))) {
    const run: GuestShell['run'] = async (script, stop) => {
      const done = await agent.exec(ref, ['/bin/sh', '-c', script], { signal: stop });
      return { code: done.exitCode, output: `${done.stdout}${done.stderr}` };
    };
    return { shell: { way: 'agent', run, close: () => undefined }, reason: undefined };
  }
  // A closed port answers nothing, so SSH waits for long; a site that can look at the way knows sooner, and knows why.
  const closed = await closedHop(site, ref, signal);
  if (closed) return { shell: undefined, reason: closed };
  try {
    const shell = await sshShell(await accessOf(), signal);
    return { shell, reason: undefined };
  } catch (error) {
    if (error instanceof Problem && error.code !== 'cancelled') return { shell: undefined, reason: error };
    throw error;
  }
}

/** @returns why SSH cannot reach a guest; undefined when nothing is known against it */
async function closedHop(site: Site, ref: string, signal: AbortSignal): Promise<Problem | undefined> {
  // That a site cannot tell is no reason not to try.
  const looked = await site.reach?.examine(ref, sshPort, { signal }).catch(() => undefined);
  signal.throwIfAborted();
  const broken = looked?.hops.find(({ ok }) => !ok);
  return broken && new Problem('unavailable', `sites.hops.${broken.says}`, broken.params);
}

/**
 * One connection for all that is run: once the guest's host keys or the login's own key are removed, no second one could
 * be made.
 */
async function sshShell(access: GuestAccess, signal: AbortSignal): Promise<GuestShell> {
  const client = await connectGuest(access, signal);
  // The script goes in by standard input: nothing of it needs quoting, whoever the login is.
  const shell = access.username === 'root' ? 'sh -s' : 'sudo -n sh -s';
  return {
    way: 'ssh',
    async run(script, stop) {
      const done = await execInGuest(client, shell, { signal: stop, timeoutMs: commandMs, input: script });
      return { code: done.code ?? -1, output: `${done.stdout}${done.stderr}` };
    },
    close: () => void client.end(),
  };
}

/**
 * Looks what a clean image would need, without changing anything.
 *
 * @param shell undefined: every light is unknown
 */
export async function lookAround(
  shell: GuestShell | undefined,
  signal: AbortSignal,
): Promise<CaptureDoctor['lights']> {
  const script = cleanItems
    .map(
      (item) => `if ${cleanCommands[item].finds}; then echo "${item}=found"; else echo "${item}=clean"; fi`,
    )
    .join('\n');
  const output = shell ? (await shell.run(script, signal)).output : '';
  return cleanItems.map((item) => {
    const seen = new RegExp(`^${item}=(found|clean)$`, 'm').exec(output)?.[1];
    const state = seen === 'found' || seen === 'clean' ? seen : 'unknown';
    return { item, state, command: cleanCommands[item].cleans };
  });
}

/**
 * Cleans a guest item by item, in the fixed order of the list: freeing blocks comes last.
 *
 * @param log gets each command and what it said
 * @throws Problem `failed` that names the item which could not be cleaned
 */
export async function cleanGuest(
  shell: GuestShell,
  items: readonly CleanItem[],
  step: { signal: AbortSignal; log(line: string): void; progress(done: number, total: number): void },
): Promise<void> {
  const wanted = cleanItems.filter((item) => items.includes(item));
  for (const [index, item] of wanted.entries()) {
    const { cleans } = cleanCommands[item];
    step.log(`# ${cleans}`);
    const { code, output } = await shell.run(cleans, step.signal);
    if (output.trim() !== '') step.log(output.trim().slice(0, 2000));
    // Not every disk can give blocks back; an image is none the worse for it.
    if (code !== 0 && item !== 'trim') {
      throw new Problem(
        'failed',
        'images.capture.errors.clean',
        { item, code },
        { detail: output.slice(-2000) },
      );
    }
    step.progress(index + 1, wanted.length);
  }
}
