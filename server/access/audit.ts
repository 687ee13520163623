import { and, desc, eq, gte, like, lt } from 'drizzle-orm';
import type { Db } from '../db/database';
import type { Events } from '../jobs/events';
import type { Actor } from './actor';
import { auditFilterSchema, type AuditEntry, type AuditFilter } from './schemas';
import { audit } from './tables';

/** One change, as a room reports it. */
export interface AuditRecord {
  actor: Actor;
  /** What was done, as thing and verb: `vm.create`. */
  action: string;
  subject?: { type: string; id: string } | undefined;
  /** Names and figures that make the entry readable; never secrets. */
  detail?: Record<string, string | number> | undefined;
}

/** The log of every change: rows are added and read, never changed. */
export interface Audit {
  /** Writes an entry; callable inside a synchronous transaction, and undone with it. */
  record(entry: AuditRecord): void;
  /** The newest entries that match, newest first. */
  list(filter: AuditFilter): AuditEntry[];
}

/** Opens the audit log. */
export function openAudit(db: Db, events: Events): Audit {
  return {
    record({ actor, action, subject, detail }) {
      const { lastInsertRowid } = db
        .insert(audit)
        .values({
          at: Date.now(),
          actorId: actor.userId ?? null,
          actorName: actor.name,
          via: actor.via,
          action,
          subjectType: subject?.type ?? null,
          subjectId: subject?.id ?? null,
          detail: detail ?? {},
        })
        .run();
      events.publish({ topic: 'audit', id: String(lastInsertRowid), audience: { role: 'admin' } });
    },

    list(filter) {
      const { actorId, action, subjectId, from, to, before, limit } = auditFilterSchema.parse(filter);
      return db
        .select()
        .from(audit)
        .where(
          and(
            actorId === undefined ? undefined : eq(audit.actorId, actorId),
            action === undefined ? undefined : like(audit.action, `${action.replaceAll(/[%_]/g, '')}%`),
            subjectId === undefined ? undefined : eq(audit.subjectId, subjectId),
            from === undefined ? undefined : gte(audit.at, from),
            to === undefined ? undefined : lt(audit.at, to),
            before === undefined ? undefined : lt(audit.id, before),
          ),
        )
        .orderBy(desc(audit.id))
        .limit(limit)
        .all()
        .map((row) => ({
          ...row,
          actorId: row.actorId ?? undefined,
          subjectType: row.subjectType ?? undefined,
          subjectId: row.subjectId ?? undefined,
        }));
    },
  };
}
