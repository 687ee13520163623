import { integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { ProblemReport } from '../../problem';
import type { ExternalRegistry } from '../../registries/schemas';
import type { MecHostFacts } from './mec-host-schemas';
import type { Capacity, HealthState, Place } from './schemas';

/** What operations know of a site of purpose `edge`; a site without a row is one of which nothing was said. */
export const edges = sqliteTable('edges', {
  siteId: text('site_id').primaryKey(),
  labels: text('labels', { mode: 'json' }).$type<Record<string, string>>().notNull(),
  place: text('place', { mode: 'json' }).$type<Place>(),
  /** Its passwords are sealed apart, as `edge:<site>:push` and `edge:<site>:pull`. */
  registry: text('registry', { mode: 'json' }).$type<ExternalRegistry>(),
  /** Whether they are, so that a list of edges need not look for each. */
  hasPassword: integer('has_password', { mode: 'boolean' }).notNull().default(false),
  hasPullPassword: integer('has_pull_password', { mode: 'boolean' }).notNull().default(false),
  health: text('health').$type<HealthState>().notNull().default('unknown'),
  problem: text('problem', { mode: 'json' }).$type<ProblemReport>(),
  since: integer('since').notNull(),
  checkedAt: integer('checked_at'),
  capacity: text('capacity', { mode: 'json' }).$type<Capacity>(),
  /** When it told that: a look that failed leaves both. */
  capacityAt: integer('capacity_at'),
  /** Bytes a second. */
  speed: real('speed'),
});

/** Hosts as EdgeGallery's clients told of them; the site comes with the configuration, which is sent apart. */
export const mecHosts = sqliteTable('mec_hosts', {
  ip: text('ip').primaryKey(),
  siteId: text('site_id'),
  facts: text('facts', { mode: 'json' }).$type<MecHostFacts>().notNull(),
});
