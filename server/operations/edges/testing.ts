import type { SecretsPort } from '../../access/ports';
import { testDatabase } from '../../db/testing';
import { RegistryError, type Registry, type RegistryAccess } from '../../oci/oci';
import type { FakeWorkloadSite } from '../../sites/fake/fake-workloads';
import { openFakeWorkloadSite } from '../../sites/fake/fake-workloads';
import { loginSchemas, type ImportedLogin } from '../../sites/schemas';
import type { SiteKinds } from '../../sites/site-kind';
import { admin, testSites } from '../../sites/testing';
import { openEdges, type EdgePorts } from './open-edges';

/** A registry that answers a ping, or does not; what it was opened with is told. */
export interface TestRegistry {
  access: RegistryAccess;
  closed: boolean;
  pings: number;
}

/** Edges on sites in memory, or of `kinds`. `logins` are what a file of logins is read as. */
export function testEdges(ports: Partial<EdgePorts> = {}, kinds: Partial<SiteKinds> = {}) {
  const db = testDatabase();
  const clusters = new Map<string, FakeWorkloadSite>();
  const sealed = new Map<string, string>();
  const secrets: SecretsPort = {
    put: (name, plain) => void sealed.set(name, plain),
    read: (name) => sealed.get(name),
    has: (name) => sealed.has(name),
    remove: (name) => void sealed.delete(name),
  };
  const logins: { read: (text: string) => ImportedLogin[] } = { read: () => [] };
  const sites = testSites({
    db,
    builtIn: [],
    ports: { secrets },
    kinds: {
      kubernetes: {
        schema: loginSchemas.kubernetes,
        check: () => undefined,
        needsSecret: () => true,
        addressOf: ({ server }) => server,
        mayReuseSecret: (stored, wanted) => stored.server === wanted.server,
        open: (id, name) => {
          const site = openFakeWorkloadSite({ id, name });
          clusters.set(name, site);
          return site;
        },
        async *examine() {
          yield* await Promise.resolve([]);
        },
        readLogins: (text) => logins.read(text),
      },
      ...kinds,
    },
  });
  const audited: { action: string; detail: object }[] = [];
  const changed: string[] = [];
  sites.events.subscribe(({ topic, id }) => {
    if (topic === 'edge') changed.push(id);
  });
  const registries: TestRegistry[] = [];
  const down = new Set<string>();
  const edges = openEdges({
    db,
    events: sites.events,
    log: { warn: () => undefined },
    audit: ({ action, detail }) => void audited.push({ action, detail }),
    secrets,
    siteRoom: sites.room,
    openRegistry: (access) => {
      const one: TestRegistry = { access, closed: false, pings: 0 };
      registries.push(one);
      // Only what the edges ask of it.
      return {
        ping: async () => {
          one.pings += 1;
          if (down.has(access.url)) throw new RegistryError('unreachable', 'no route');
        },
        close: async () => {
          one.closed = true;
        },
      } as unknown as Registry;
    },
    ...ports,
  });
  /** A cluster as an edge, once it is open. */
  const addCluster = async (name: string, server = `https://${name.toLowerCase()}.example.org:6443`) => {
    const { id } = sites.room.create(admin, {
      kind: 'kubernetes',
      name,
      purpose: 'edge',
      config: loginSchemas.kubernetes.parse({ server, method: 'token' }),
      secret: 'cluster token',
    });
    await sites.room.registry.workloadOpened(id);
    const cluster = clusters.get(name);
    if (!cluster) throw new Error('The cluster was not opened.');
    return { id, controls: cluster.controls };
  };
  return { db, sites, edges, clusters, sealed, logins, audited, changed, registries, down, addCluster };
}
