import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { ExternalRegistry, RegistryRole, RobotRight } from './schemas';

/** Where a registry is: ours, or somebody else's. Its password is sealed apart. */
export type RegistryPlace = { kind: 'bundled' } | { kind: 'external'; config: ExternalRegistry };

/** What each role's registry is set to; no row: bundled. */
export const registrySettings = sqliteTable('registry_settings', {
  role: text('role').$type<RegistryRole>().primaryKey(),
  place: text('place', { mode: 'json' }).$type<RegistryPlace>().notNull(),
  /** Where it was before, as long as what is there has not been moved. */
  former: text('former', { mode: 'json' }).$type<RegistryPlace>(),
  /** Where a running job moves it to. */
  next: text('next', { mode: 'json' }).$type<RegistryPlace>(),
  moveJobId: text('move_job_id'),
  updatedAt: integer('updated_at').notNull(),
});

/** Logins of the bundled registry: robots, and the pull logins of sites. Robots' secrets are kept as hashes only. */
export const registryLogins = sqliteTable('registry_logins', {
  id: text('id').primaryKey(),
  kind: text('kind').$type<'robot' | 'pull'>().notNull(),
  /** What is typed as user name. */
  user: text('user').notNull().unique(),
  /** SHA-256 of the secret, which is 256 random bits. */
  hash: text('hash').notNull(),
  role: text('role').$type<RegistryRole>().notNull(),
  right: text('right').$type<RobotRight>().notNull(),
  /** Whole names; one that ends in `*` stands for all that begin so. */
  repositories: text('repositories', { mode: 'json' }).$type<string[]>().notNull(),
  /** What a pull login is for, `deployment:<id>` say. */
  holder: text('holder').unique(),
  createdAt: integer('created_at').notNull(),
  expiresAt: integer('expires_at'),
  lastUsedAt: integer('last_used_at'),
});

/**
 * Manifests that we have put into a registry. A registry lists its tags only, and what we keep is addressed by digest:
 * this is how a move finds all of it.
 */
export const registryManifests = sqliteTable(
  'registry_manifests',
  {
    role: text('role').$type<RegistryRole>().notNull(),
    repository: text('repository').notNull(),
    digest: text('digest').notNull(),
    mediaType: text('media_type').notNull(),
    at: integer('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.role, table.repository, table.digest] })],
);
