import pino from 'pino';
import type { UserActor } from '../access/actor';
import type { Db } from '../db/database';
import { testDatabase } from '../db/testing';
import { openEvents } from '../jobs/events';
import type { Problem } from '../problem';
import { fakeImage, openFakeSite, type FakeSite } from './fake/fake-site';
import type { CreateSiteInput, ImportedLogin, Light } from './schemas';
import type { Site } from './site';
import { openSites, type SitesPorts, type SiteUse } from './sites';

export const admin: UserActor = {
  userId: 'user-root',
  name: 'root',
  role: 'admin',
  scopes: ['read', 'write', 'admin'],
  via: 'session',
};

export const cloudInput: CreateSiteInput = {
  kind: 'openstack',
  name: 'North',
  purpose: 'edge',
  config: {
    authUrl: 'https://north.example.org:5000/v3',
    method: 'password',
    userName: 'ada',
    userDomain: 'Default',
    projectName: 'edge',
    projectDomain: 'Default',
    credentialId: '',
    region: '',
    interface: 'public',
    ca: '',
    insecure: false,
  },
  secret: 'open sesame',
};

/** How the clouds of a test behave; each may change at any time. */
export interface TestClouds {
  /** What opening a cloud does, by its name; nothing when absent. */
  opening: Map<string, () => Promise<void>>;
  /** Every cloud that was made, in order, with the secret it got. */
  made: {
    name: string;
    secret: string;
    site: FakeSite;
    closed: boolean;
    trouble: (trouble: Problem | undefined) => void;
  }[];
  /** What is on the sites. */
  uses: Map<string, SiteUse[]>;
  /** What a file of logins is read as. */
  import: (text: string) => ImportedLogin[];
  /** Every examination: the address and the secret it was given. */
  examined: { authUrl: string; secret: string }[];
  /** What an examination finds. */
  examine: (signal: AbortSignal | undefined) => AsyncIterable<Light>;
}

/** The room on an empty database, with sites in memory as its clouds; retries come at once. */
export function testSites(given: { db?: Db; builtIn?: Site[]; ports?: Partial<SitesPorts> } = {}) {
  const db = given.db ?? testDatabase();
  const events = openEvents();
  const secrets = new Map<string, string>();
  const audited: { action: string; detail: unknown }[] = [];
  const light: Light = { light: 'dns', state: 'ok', ms: 1, says: 'sites.lights.nameIsAddress', params: {} };
  const clouds: TestClouds = {
    opening: new Map(),
    made: [],
    uses: new Map(),
    examined: [],
    import: () => [],
    async *examine() {
      yield await Promise.resolve(light);
    },
  };
  const room = openSites({
    db,
    events,
    log: pino({ level: 'silent' }),
    firstRetryMs: 1,
    maxRetryMs: 4,
    audit: ({ action, detail }) => void audited.push({ action, detail }),
    secrets: {
      put: (name, plain) => void secrets.set(name, plain),
      read: (name) => secrets.get(name),
      has: (name) => secrets.has(name),
      remove: (name) => void secrets.delete(name),
    },
    builtIn: given.builtIn ?? [
      openFakeSite({ id: 'local', name: 'local', images: [fakeImage({ id: 'tiny' })] }),
    ],
    kinds: {
      openstack: {
        check: () => undefined,
        open: (id, name, _config, secret) => {
          const site = openFakeSite({ id, name });
          const made: TestClouds['made'][number] = {
            name,
            secret,
            site,
            closed: false,
            trouble: () => undefined,
          };
          clouds.made.push(made);
          return {
            ...site,
            kind: 'openstack',
            onTrouble: (listener) => {
              made.trouble = listener;
              return () => undefined;
            },
            open: async () => clouds.opening.get(name)?.(),
            close: async () => {
              made.closed = true;
            },
          };
        },
        examine({ authUrl }, secret, signal) {
          clouds.examined.push({ authUrl, secret });
          return clouds.examine(signal);
        },
        readLogins: (text) => clouds.import(text),
      },
    },
    usesOf: (id) => clouds.uses.get(id) ?? [],
    forgetAt: (id) => {
      const gone = clouds.uses.get(id) ?? [];
      clouds.uses.delete(id);
      return gone;
    },
    ...given.ports,
  });
  return { room, db, events, secrets, audited, clouds };
}
