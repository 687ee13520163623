import { asc, eq, ne } from 'drizzle-orm';
import type { SecretsPort } from '../../access/ports';
import type { Db } from '../../db/database';
import { newId } from '../../db/id';
import type { Events } from '../../jobs/events';
import { Problem, type ProblemReport } from '../../problem';
import type { CreateStore, UpdateStore } from './schemas';
import { stores } from './tables';

export type StoreRow = typeof stores.$inferSelect;

/** The row of this Edgeyard's own store; there is always one. */
export const ownStoreId = 'own';

/** What a store's source is opened with. */
export interface StoreSecrets {
  token: string | undefined;
  registryPassword: string | undefined;
}

export interface StoreRows {
  /** The own one first, then by name. */
  all(): StoreRow[];
  find(id: string): StoreRow | undefined;
  /** @throws Problem `not_found` */
  require(id: string): StoreRow;
  /** @throws Problem `conflict` for a name or address that is taken */
  create(input: CreateStore & Producer): StoreRow;
  /** @throws Problem `not_found`, `forbidden`, `conflict`; `invalid` when a stored secret would go to another address */
  update(id: string, input: UpdateStore & Producer): StoreRow;
  /** @throws Problem `not_found`, `forbidden` */
  remove(id: string): StoreRow;
  /** What became of reading its catalogue. */
  wasRead(id: string, outcome: { readAt: number } | { problem: ProblemReport }): void;
  secretsOf(id: string): StoreSecrets;
  has(id: string): { token: boolean; registryPassword: boolean };
}

/** What EdgeGallery's inventory tells of a store beside. */
interface Producer {
  producer?: string | undefined;
}

interface Named {
  name?: string | undefined;
  url?: string | undefined;
}

const tokenName = (id: string) => `store:${id}:token`;
const passwordName = (id: string) => `store:${id}:registry`;

/** Opens the rows of stores; makes that of the own one. */
export function openStoreRows({
  db,
  secrets,
  events,
}: {
  db: Db;
  secrets: SecretsPort;
  events: Events;
}): StoreRows {
  const own = { id: ownStoreId, kind: 'own', name: 'This Edgeyard', rules: [] } as const;
  db.insert(stores)
    .values({ ...own, rules: [] })
    .onConflictDoNothing()
    .run();
  const tell = (id: string) => {
    events.publish({ topic: 'store', id, audience: { role: 'developer' } });
  };
  const find = (id: string) => db.select().from(stores).where(eq(stores.id, id)).get();
  const require = (id: string) => {
    const row = find(id);
    if (row === undefined) throw new Problem('not_found', 'sync.errors.noStore');
    return row;
  };
  const requireFree = ({ id, kind }: Pick<StoreRow, 'id' | 'kind'>, { name, url }: Named) => {
    for (const other of db.select().from(stores).where(ne(stores.id, id)).all()) {
      if (name !== undefined && other.name.toLowerCase() === name.toLowerCase())
        throw new Problem('conflict', 'sync.errors.nameTaken', { name });
      // An Edgeyard gives out its releases by EdgeGallery's paths as well.
      if (url !== undefined && other.url === url && other.kind === kind)
        throw new Problem('conflict', 'sync.errors.addressTaken', { url, name: other.name });
    }
  };
  const seal = (name: string, secret: string | undefined) => {
    if (secret === undefined) return;
    if (secret === '') secrets.remove(name);
    else secrets.put(name, secret);
  };

  return {
    all: () =>
      db
        .select()
        .from(stores)
        .orderBy(asc(stores.name))
        .all()
        .toSorted((a, b) => Number(b.id === ownStoreId) - Number(a.id === ownStoreId)),
    find,
    require,
    create({ token, registryPassword, ...input }) {
      const id = newId('store');
      const url = baseOf(input.url);
      const row = db.transaction(() => {
        requireFree({ id, kind: input.kind }, { name: input.name, url });
        seal(tokenName(id), token);
        seal(passwordName(id), registryPassword);
        return db
          .insert(stores)
          .values(withoutEmpty({ ...input, id, url }))
          .returning()
          .get();
      });
      tell(id);
      return row;
    },
    update(id, { token, registryPassword, ...input }) {
      const row = db.transaction(() => {
        const before = require(id);
        const url = input.url === undefined ? undefined : baseOf(input.url);
        requireOwnFields(before, { ...input, token, registryPassword });
        requireFree(before, { name: input.name, url });
        const next = withoutEmpty({ ...before, ...input, url: url ?? before.url });
        if (token === undefined && secrets.has(tokenName(id)) && next.url !== before.url)
          throw new Problem('invalid', 'sync.errors.tokenElsewhere');
        if (
          registryPassword === undefined &&
          secrets.has(passwordName(id)) &&
          letsIn(next) !== letsIn(before)
        )
          throw new Problem('invalid', 'sync.errors.passwordElsewhere');
        seal(tokenName(id), token);
        seal(passwordName(id), registryPassword);
        return db.update(stores).set(next).where(eq(stores.id, id)).returning().get();
      });
      tell(id);
      return row;
    },
    remove(id) {
      const row = require(id);
      if (row.kind === 'own') throw new Problem('forbidden', 'sync.errors.ownStays');
      db.transaction(() => {
        db.delete(stores).where(eq(stores.id, id)).run();
        secrets.remove(tokenName(id));
        secrets.remove(passwordName(id));
      });
      tell(id);
      return row;
    },
    wasRead(id, outcome) {
      const problem = 'problem' in outcome ? outcome.problem : null;
      const readAt = 'readAt' in outcome ? { readAt: outcome.readAt } : {};
      db.update(stores)
        .set({ problem, ...readAt })
        .where(eq(stores.id, id))
        .run();
      tell(id);
    },
    secretsOf: (id) => ({
      token: secrets.read(tokenName(id)),
      registryPassword: secrets.read(passwordName(id)),
    }),
    has: (id) => ({ token: secrets.has(tokenName(id)), registryPassword: secrets.has(passwordName(id)) }),
  };
}

/** A field that was emptied says nothing. */
const withoutEmpty = <Row extends Pick<Partial<StoreRow>, 'ca' | 'signers' | 'registryUser'>>(
  row: Row,
): Row => ({
  ...row,
  ca: row.ca || null,
  signers: row.signers || null,
  registryUser: row.registryUser || null,
});

/** Paths of the API are added to it. */
const baseOf = (url: string) => url.replace(/\/+$/, '');

/** Whom the registry's password is shown to, and as whom: a store that names its registry itself must stay the same. */
const letsIn = ({ registry, registryUser, url }: StoreRow) =>
  JSON.stringify(registry ? [registry.url, registry.user] : [url, registryUser]);

/** @throws Problem `forbidden` when the own store is given what only others have */
function requireOwnFields(row: StoreRow, input: UpdateStore): void {
  if (row.kind !== 'own') return;
  const { rules: _rules, everyMinutes: _every, ...others } = input;
  if (Object.values(others).some((value) => value !== undefined))
    throw new Problem('forbidden', 'sync.errors.ownFields');
}
