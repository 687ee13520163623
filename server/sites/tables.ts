import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { ConfigurableKind, SiteConfig, SitePurpose } from './schemas';

/** Sites that an administrator added. Their secrets are sealed apart, as `site:<id>`. */
export const sites = sqliteTable('sites', {
  id: text('id').primaryKey(),
  kind: text('kind').$type<ConfigurableKind>().notNull(),
  name: text('name').notNull().unique(),
  purpose: text('purpose').$type<SitePurpose>().notNull(),
  /** A disabled one is not opened; what is on it stays in its last known state. */
  enabled: integer('enabled', { mode: 'boolean' }).notNull().default(true),
  /** What the kind asks for, without secrets. */
  config: text('config', { mode: 'json' }).$type<SiteConfig>().notNull(),
  createdAt: integer('created_at').notNull(),
  updatedAt: integer('updated_at').notNull(),
});
