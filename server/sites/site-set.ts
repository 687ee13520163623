import { capabilitiesOf, type Capability } from './capabilities';
import type { Events } from '../jobs/events';
import type { Log } from '../log';
import { asProblem, Problem, type ProblemReport } from '../problem';
import { untilAborted } from '../until-aborted';
import {
  asStackHost,
  asVmSite,
  asWorkloadSite,
  noSite,
  type RegistryChange,
  type SiteRegistry,
  type SiteStanding,
  type WorkloadRegistryChange,
} from './registry';
import type { SitePurpose, SiteState } from './schemas';
import { hostsStacks, runsContainers, runsVms, type AnySite, type SiteKind } from './site';

/** A site that is to be open. */
export interface Candidate {
  id: string;
  kind: SiteKind;
  name: string;
  purpose: SitePurpose;
  /** False: it is known, and not opened. */
  enabled: boolean;
  /** Makes the site for one try of opening it. */
  make(): AnySite;
}

export interface SiteSetPorts {
  events: Events;
  log: Log;
  /** Milliseconds until the second try; doubled for each further one, up to `maxRetryMs`. */
  firstRetryMs?: number;
  maxRetryMs?: number;
  /** Milliseconds until the next try after a login was refused: clouds lock accounts after a few wrong passwords. */
  refusedRetryMs?: number;
  now?: () => number;
}

export interface SiteSet {
  registry: SiteRegistry;
  /** What a site can do; empty when it was never made. */
  capabilities(id: string): Capability[];
  /** Takes a site in, or changes it; it is opened in the background. Resolves after the first try, and never fails. */
  put(candidate: Candidate): Promise<void>;
  /** Changes what needs no new opening. */
  setPurpose(id: string, purpose: SitePurpose): void;
  /** Lets go of a site; VMs run on. */
  remove(id: string): Promise<void>;
  /** Lets go of all. */
  close(): Promise<void>;
}

interface Entry {
  candidate: Candidate;
  state: SiteState;
  since: number;
  problem: ProblemReport | undefined;
  /** The newest one made, for what it can do. */
  made: AnySite | undefined;
  /** It was opened; it may have stopped answering since. */
  opened: boolean;
  tries: number;
  retry: NodeJS.Timeout | undefined;
  /** It was replaced or removed: what its opening still brings is thrown away. */
  left: boolean;
  firstTry: Promise<void>;
}

/** The sites that are to be open: opens them in the background and tries again while they cannot be. */
export function openSiteSet(ports: SiteSetPorts): SiteSet {
  const {
    events,
    log,
    firstRetryMs = 2_000,
    maxRetryMs = 60_000,
    refusedRetryMs = 900_000,
    now = Date.now,
  } = ports;
  const entries = new Map<string, Entry>();
  const listeners: Listeners = { vms: new Set(), containers: new Set() };

  const notify = (id: string) => {
    events.publish({ topic: 'site', id, audience: { role: 'developer' } });
  };
  const tell = (change: RegistryChange['change'], site: AnySite) => {
    if (runsContainers(site)) for (const listener of listeners.containers) listener({ change, site });
    if (runsVms(site)) for (const listener of listeners.vms) listener({ change, site });
  };
  const stand = (entry: Entry, state: SiteState, problem?: ProblemReport) => {
    const same = entry.state === state && JSON.stringify(entry.problem) === JSON.stringify(problem);
    if (entry.state !== state) entry.since = now();
    Object.assign(entry, { state, problem });
    if (!same) notify(entry.candidate.id);
    return !same;
  };
  const letGo = async (id: string, site: AnySite) => {
    try {
      await site.close();
    } catch (error) {
      log.warn({ err: error, site: id }, 'a site did not close cleanly');
    }
  };

  const tryToOpen = async (entry: Entry): Promise<void> => {
    const { id, name } = entry.candidate;
    try {
      entry.made = entry.candidate.make();
      await entry.made.open();
    } catch (error) {
      if (entry.made) await letGo(id, entry.made);
      if (entry.left) return;
      const problem = asProblem(error);
      if (stand(entry, 'unavailable', problem.report())) {
        log.warn({ err: error, site: id, name }, 'a site cannot be opened; it is tried again');
      }
      const refused = problem.code === 'invalid' || problem.code === 'forbidden';
      const waitMs = refused ? refusedRetryMs : Math.min(maxRetryMs, firstRetryMs * 2 ** entry.tries++);
      entry.retry = setTimeout(() => void tryToOpen(entry), waitMs).unref();
      return;
    }
    if (entry.left) {
      await letGo(id, entry.made);
      return;
    }
    entry.opened = true;
    stand(entry, 'ready');
    entry.made.onTrouble?.((trouble) => {
      if (!entry.left) stand(entry, trouble ? 'unavailable' : 'ready', trouble?.report());
    });
    tell('added', entry.made);
  };

  const leave = async (id: string): Promise<void> => {
    const entry = entries.get(id);
    if (!entry) return;
    entries.delete(id);
    entry.left = true;
    clearTimeout(entry.retry);
    if (!entry.opened || !entry.made) return;
    tell('removed', entry.made);
    await letGo(id, entry.made);
  };

  const put = async (candidate: Candidate): Promise<void> => {
    const leaving = leave(candidate.id);
    const entry: Entry = {
      candidate,
      state: candidate.enabled ? 'opening' : 'disabled',
      since: now(),
      problem: undefined,
      made: undefined,
      opened: false,
      tries: 0,
      retry: undefined,
      left: false,
      firstTry: Promise.resolve(),
    };
    entries.set(candidate.id, entry);
    notify(candidate.id);
    entry.firstTry = candidate.enabled ? leaving.then(() => tryToOpen(entry)) : leaving;
    await entry.firstTry;
  };

  return {
    registry: registryOf(entries, listeners),
    capabilities: (id) => {
      const made = entries.get(id)?.made;
      return made ? capabilitiesOf(made) : [];
    },
    put,
    setPurpose: (id, purpose) => {
      const entry = entries.get(id);
      if (entry) entry.candidate = { ...entry.candidate, purpose };
      notify(id);
    },
    remove: async (id) => {
      await leave(id);
      notify(id);
    },
    close: async () => {
      await Promise.all([...entries.keys()].map((id) => leave(id)));
    },
  };
}

const whyNot = {
  opening: 'sites.errors.opening',
  unavailable: 'sites.errors.unavailable',
  disabled: 'sites.errors.disabled',
} as const;

interface Listeners {
  vms: Set<(change: RegistryChange) => void>;
  containers: Set<(change: WorkloadRegistryChange) => void>;
}

/** Adds a listener; the returned function takes it away. */
function listening<L>(to: Set<L>, listener: L): () => void {
  to.add(listener);
  return () => {
    to.delete(listener);
  };
}

function registryOf(entries: ReadonlyMap<string, Entry>, listeners: Listeners): SiteRegistry {
  const open = (entry: Entry) => (entry.opened ? entry.made : undefined);
  const get = (id: string): AnySite => {
    const entry = entries.get(id) ?? noSite(id);
    const site = open(entry);
    if (site) return site;
    const key = entry.state === 'ready' ? whyNot.unavailable : whyNot[entry.state];
    throw new Problem('unavailable', key, { name: entry.candidate.name }, { detail: entry.problem?.detail });
  };
  const standing = ({ candidate, state, since, problem }: Entry): SiteStanding => {
    const { id, kind, name, purpose } = candidate;
    return { id, kind, name, purpose, state, since, problem };
  };
  const opened = async (id: string, signal: AbortSignal | undefined): Promise<AnySite> => {
    const entry = entries.get(id);
    if (entry?.state === 'opening') await (signal ? untilAborted(entry.firstTry, signal) : entry.firstTry);
    return get(id);
  };
  const all = () => [...entries.values()].flatMap((entry) => open(entry) ?? []);
  return {
    list: () => all().filter(runsVms),
    get: (id) => asVmSite(get(id)),
    opened: async (id, signal) => asVmSite(await opened(id, signal)),
    stackHosts: () => all().filter(hostsStacks),
    stackHost: (id) => asStackHost(get(id)),
    stackHostOpened: async (id, signal) => asStackHost(await opened(id, signal)),
    workloadSites: () => all().filter(runsContainers),
    workloadSite: (id) => asWorkloadSite(get(id)),
    workloadOpened: async (id, signal) => asWorkloadSite(await opened(id, signal)),
    standing: (id) => {
      const entry = entries.get(id);
      return entry && standing(entry);
    },
    onChange: (listener) => listening(listeners.vms, listener),
    onWorkloadSite: (listener) => listening(listeners.containers, listener),
  };
}
