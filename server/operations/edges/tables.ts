import { integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { ProblemReport } from '../../problem';
import type { ExternalRegistry } from '../../registries/schemas';
import type { Capacity, HealthState, Place } from './schemas';

/** What operations know of a site of purpose `edge`; a site without a row is one of which nothing was said. */
export const edges = sqliteTable('edges', {
  siteId: text('site_id').primaryKey(),
  labels: text('labels', { mode: 'json' }).$type<Record<string, string>>().notNull(),
  place: text('place', { mode: 'json' }).$type<Place>(),
  /** Its passwords are sealed apart, as `edge:<site>:push` and `edge:<site>:pull`. */
  registry: text('registry', { mode: 'json' }).$type<ExternalRegistry>(),
  health: text('health').$type<HealthState>().notNull().default('unknown'),
  problem: text('problem', { mode: 'json' }).$type<ProblemReport>(),
  since: integer('since').notNull(),
  checkedAt: integer('checked_at'),
  capacity: text('capacity', { mode: 'json' }).$type<Capacity>(),
  /** Bytes a second. */
  speed: real('speed'),
});
