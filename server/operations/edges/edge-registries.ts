/** The registries of edges: who may get in with what, and the clients of them. */
import type { Registry, RegistryAccess } from '../../oci/oci';
import { Problem } from '../../problem';
import { asking } from '../../registries/registry-problem';
import type { ExternalRegistry } from '../../registries/schemas';
import type { EdgePasswords, EdgeRow, EdgeRows } from './edge-rows';
import type { EdgeRegistry } from './edges';
import type { UpdateEdge } from './schemas';

interface Client {
  registry: Registry;
  /** Resolved once it has answered. */
  answered: Promise<void> | undefined;
}

/** Opens the clients; nothing is asked before one is wanted. */
export function openEdgeRegistries(
  rows: Pick<EdgeRows, 'passwords'>,
  open: (access: RegistryAccess) => Registry,
) {
  const clients = new Map<string, Client>();
  /** Whoever still uses one of a former setting finishes with it. */
  const former: Registry[] = [];

  const clientOf = (siteId: string, { url, ca, user }: ExternalRegistry, passwords: EdgePasswords) => {
    const known = clients.get(siteId);
    if (known) return known;
    const login = user === undefined ? undefined : { user, password: passwords.push ?? '' };
    const client: Client = { registry: open({ url, ca, login }), answered: undefined };
    clients.set(siteId, client);
    return client;
  };
  /** Asks it, unless somebody is asking now. */
  const ask = (client: Client, address: string, signal?: AbortSignal): Promise<void> => {
    client.answered ??= asking(address, () => client.registry.ping({ signal }));
    const { answered } = client;
    answered.catch(() => {
      if (client.answered === answered) client.answered = undefined;
    });
    return answered;
  };

  return {
    /**
     * The registry of an edge, once it has answered.
     *
     * @throws Problem `unavailable`
     */
    async of({ siteId, registry }: Pick<EdgeRow, 'siteId' | 'registry'>): Promise<EdgeRegistry | undefined> {
      if (!registry) return undefined;
      const { url, prefix, ca, user, pullUser } = registry;
      const { host, protocol } = new URL(url);
      const passwords = rows.passwords(siteId);
      const client = clientOf(siteId, registry, passwords);
      await ask(client, host);
      const own = user === undefined ? undefined : { user, password: passwords.push ?? '' };
      const login = pullUser === undefined ? own : { user: pullUser, password: passwords.pull ?? '' };
      return {
        registry: client.registry,
        repository: (...path) => [...(prefix === '' ? [] : [prefix]), ...path].join('/'),
        pull: { address: host, plainHttp: protocol === 'http:', ca, login },
      };
    },
    /** Asks the registry of an edge anew. @throws Problem `unavailable`, with the registry's words */
    async look({ siteId, registry }: EdgeRow, signal: AbortSignal): Promise<void> {
      if (!registry) return;
      const client = clientOf(siteId, registry, rows.passwords(siteId));
      client.answered = undefined;
      await ask(client, new URL(registry.url).host, signal);
    },
    /** The setting of an edge changed, or the edge is gone. */
    renew(siteId: string): void {
      const client = clients.get(siteId);
      if (client) former.push(client.registry);
      clients.delete(siteId);
    },
    async close(): Promise<void> {
      const all = [...former, ...[...clients.values()].map(({ registry }) => registry)];
      clients.clear();
      await Promise.allSettled(all.map((registry) => registry.close()));
    },
  };
}
export type EdgeRegistries = ReturnType<typeof openEdgeRegistries>;

/** A registry as it was sent, without the passwords. */
export function withoutPasswords(sent: NonNullable<UpdateEdge['registry']>): ExternalRegistry {
  const { password: _password, pullPassword: _pullPassword, ...config } = sent;
  return config;
}

/**
 * The passwords that go with a setting: those that came with it, else the stored ones, which go only to the address and
 * the user they were given for.
 *
 * @param stored the passwords that are sealed for `before`
 * @throws Problem `invalid` when a stored one would go elsewhere, or there is none
 */
export function passwordsFor(
  before: ExternalRegistry | null,
  stored: EdgePasswords,
  sent: NonNullable<UpdateEdge['registry']>,
): EdgePasswords {
  const elsewhere = before !== null && before.url !== sent.url;
  const one = (
    which: 'user' | 'pullUser',
    given: string | undefined,
    kept: string | undefined,
  ): string | undefined => {
    if (sent[which] === undefined) return undefined;
    // A form leaves its field empty for what stays.
    if (given !== undefined && given !== '') return given;
    if (elsewhere || before?.[which] !== sent[which] || kept === undefined) {
      throw new Problem('invalid', 'registries.errors.passwordMissing');
    }
    return kept;
  };
  return {
    push: one('user', sent.password, stored.push),
    pull: one('pullUser', sent.pullPassword, stored.pull),
  };
}
