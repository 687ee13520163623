import { eq, isNotNull } from 'drizzle-orm';
import type { SecretsPort } from '../../access/ports';
import type { Db } from '../../db/database';
import type { ExternalRegistry } from '../../registries/schemas';
import { edges } from './tables';

export type EdgeRow = typeof edges.$inferSelect;

/** What is sealed of an edge's registry. */
export interface EdgePasswords {
  /** Of the login that may push. */
  push: string | undefined;
  /** Of the one that may only pull. */
  pull: string | undefined;
}

export const noPasswords: EdgePasswords = { push: undefined, pull: undefined };

const secretName = (siteId: string, which: keyof EdgePasswords) => `edge:${siteId}:${which}`;

/** The rows of edges, each with the passwords of its registry; both change in one transaction. */
export function openEdgeRows(db: Db, secrets: SecretsPort, now: () => number) {
  const find = (siteId: string) => db.select().from(edges).where(eq(edges.siteId, siteId)).get();
  const fresh = (siteId: string): EdgeRow => ({
    siteId,
    labels: {},
    place: null,
    registry: null,
    hasPassword: false,
    hasPullPassword: false,
    health: 'unknown',
    problem: null,
    since: now(),
    checkedAt: null,
    capacity: null,
    capacityAt: null,
    speed: null,
  });
  const write = (siteId: string, change: Partial<Omit<EdgeRow, 'siteId'>>): void => {
    if (Object.keys(change).length === 0) return;
    db.insert(edges)
      .values({ ...fresh(siteId), ...change })
      .onConflictDoUpdate({ target: edges.siteId, set: change })
      .run();
  };
  const seal = (siteId: string, which: keyof EdgePasswords, password: string | undefined): void => {
    if (password === undefined) secrets.remove(secretName(siteId, which));
    else secrets.put(secretName(siteId, which), password);
  };
  const sealBoth = (siteId: string, { push, pull }: EdgePasswords): void => {
    seal(siteId, 'push', push);
    seal(siteId, 'pull', pull);
  };
  return {
    all: () => db.select().from(edges).all(),
    registryUrls: (): string[] =>
      db
        .select({ registry: edges.registry })
        .from(edges)
        .where(isNotNull(edges.registry))
        .all()
        .flatMap(({ registry }) => registry?.url ?? []),
    fresh,
    /** The row, or what it would be: nothing is known before something is said. */
    get: (siteId: string): EdgeRow => find(siteId) ?? fresh(siteId),
    write,
    passwords: (siteId: string): EdgePasswords => ({
      push: secrets.read(secretName(siteId, 'push')),
      pull: secrets.read(secretName(siteId, 'pull')),
    }),
    setRegistry(siteId: string, registry: ExternalRegistry | null, passwords: EdgePasswords): void {
      db.transaction(() => {
        sealBoth(siteId, passwords);
        const { push, pull } = passwords;
        write(siteId, { registry, hasPassword: push !== undefined, hasPullPassword: pull !== undefined });
      });
    },
    remove(siteId: string): void {
      db.transaction(() => {
        sealBoth(siteId, noPasswords);
        db.delete(edges).where(eq(edges.siteId, siteId)).run();
      });
    },
  };
}
export type EdgeRows = ReturnType<typeof openEdgeRows>;
