import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Answers to requests that carried an Idempotency-Key, kept for a day. */
export const idempotentRequests = sqliteTable(
  'idempotent_requests',
  {
    actorId: text('actor_id').notNull(),
    key: text('key').notNull(),
    /** SHA-256 of method, path and body. */
    requestHash: text('request_hash').notNull(),
    /** null while the first request is being worked on. */
    status: integer('status'),
    /** null too when the answer holds a secret (`Cache-Control: no-store`), which is shown once only. */
    body: text('body'),
    contentType: text('content_type'),
    location: text('location'),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.actorId, table.key] })],
);
