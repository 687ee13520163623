import pino from 'pino';
import type { z } from 'zod';
import type { UserActor } from '../access/actor';
import type { Db } from '../db/database';
import { testDatabase } from '../db/testing';
import { openEvents } from '../jobs/events';
import type { Problem } from '../problem';
import { openFakeWorkloadSite } from './fake/fake-workloads';
import { fakeImage, openFakeSite, type FakeSite } from './fake/fake-site';
import { edgeyardKind } from './edgeyard/kind';
import { mayReuseSecret } from './openstack/check-login';
import { openStackLogin } from './openstack/login';
import {
  loginSchemas,
  type CreateCloudInput,
  type ImportedLogin,
  type Light,
  type SiteConfigs,
} from './schemas';
import type { SiteKindDefinition, SiteKinds } from './site-kind';
import type { Site } from './site';
import { openSites, type SitesPorts, type SiteUse } from './sites';

export const admin: UserActor = {
  userId: 'user-root',
  name: 'root',
  role: 'admin',
  scopes: ['read', 'write', 'admin'],
  via: 'session',
};

export const cloudInput: CreateCloudInput = {
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

/** A kind whose sites run containers in memory. */
function memoryKind<K extends 'kubernetes' | 'docker'>(
  kind: K,
  schema: z.ZodType<SiteConfigs[K]>,
): SiteKindDefinition<SiteConfigs[K]> {
  return {
    schema,
    check: () => undefined,
    needsSecret: () => kind === 'kubernetes',
    addressOf: () => kind,
    mayReuseSecret: () => true,
    open: (id, name) => openFakeWorkloadSite({ id, name, kind }),
    async *examine() {
      yield await Promise.resolve({
        light: 'version',
        state: 'ok',
        ms: 1,
        says: 'workloads.lights.version',
        params: {},
      });
    },
  };
}

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
export function testSites(
  given: { db?: Db; builtIn?: Site[]; kinds?: Partial<SiteKinds>; ports?: Partial<SitesPorts> } = {},
) {
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
      kubernetes: memoryKind('kubernetes', loginSchemas.kubernetes),
      docker: memoryKind('docker', loginSchemas.docker),
      edgeyard: edgeyardKind(),
      openstack: {
        schema: openStackLogin,
        check: () => undefined,
        needsSecret: () => true,
        addressOf: ({ authUrl }) => authUrl,
        mayReuseSecret,
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
      ...given.kinds,
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
