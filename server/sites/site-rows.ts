import { asc, eq } from 'drizzle-orm';
import type { SecretsPort } from '../access/ports';
import type { Db } from '../db/database';
import { Problem } from '../problem';
import type { ConfigurableKind, SiteConfig } from './schemas';
import type { SiteKindDefinition } from './site-kind';
import { sites } from './tables';

/** A configured site without its secret. */
export type StoredSite = typeof sites.$inferSelect;

/** The rows of configured sites, each with its secret; both change in one transaction of the caller. */
export function openSiteRows(
  db: Db,
  secrets: SecretsPort,
  kinds: Record<ConfigurableKind, Pick<SiteKindDefinition, 'schema' | 'needsSecret'>>,
) {
  const secretOf = (id: string) => `site:${id}`;
  // A row of an earlier version lacks what was added since.
  const read = (row: StoredSite): StoredSite => ({
    ...row,
    config: kinds[row.kind].schema.parse(row.config) satisfies SiteConfig,
  });
  return {
    all: () => db.select().from(sites).orderBy(asc(sites.name)).all().map(read),
    ofKind: (kind: ConfigurableKind) => db.select().from(sites).where(eq(sites.kind, kind)).all().map(read),
    find: (id: string) => {
      const row = db.select().from(sites).where(eq(sites.id, id)).get();
      return row && read(row);
    },
    /** Id of the site of this name; its config is not read. */
    idOf: (name: string): string | undefined =>
      db.select({ id: sites.id }).from(sites).where(eq(sites.name, name)).get()?.id,
    insert: (row: StoredSite, secret: string | undefined) => {
      db.insert(sites).values(row).run();
      if (secret !== undefined) secrets.put(secretOf(row.id), secret);
    },
    update: (row: StoredSite, secret: string | undefined) => {
      db.update(sites).set(row).where(eq(sites.id, row.id)).run();
      if (secret !== undefined) secrets.put(secretOf(row.id), secret);
    },
    remove: (id: string) => {
      db.delete(sites).where(eq(sites.id, id)).run();
      secrets.remove(secretOf(id));
    },
    hasSecret: (id: string) => secrets.has(secretOf(id)),
    /**
     * Empty where none was given and none is needed.
     *
     * @throws Problem `failed` when it is gone, for example after a restore without secrets
     */
    secretFor: ({ id, kind, config }: StoredSite): string => {
      const secret = secrets.read(secretOf(id));
      if (secret === undefined && !kinds[kind].needsSecret(config)) return '';
      if (secret === undefined) throw new Problem('failed', 'sites.errors.secretLost');
      return secret;
    },
  };
}
