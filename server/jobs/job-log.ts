import { and, asc, eq, gt, inArray, sql } from 'drizzle-orm';
import type { Db } from '../db/database';
import type { LogLine, Said } from './job';
import { jobLog, jobs } from './tables';

/** Bounds of one job's log; beyond them the oldest lines go, and the log says how many. */
export const logBounds = { lines: 5_000, bytes: 1024 * 1024, lineBytes: 4_096 };

/** A line as it is stored: without its line end, cut at 4 KiB. */
export function logLine(at: number, text: string | Said): { at: number; line: string | Said } {
  if (typeof text === 'string') return { at, line: cut(text) };
  return { at, line: text.detail === undefined ? text : { ...text, detail: cut(text.detail) } };
}

function cut(text: string): string {
  const line = text.replace(/\s+$/, '');
  return line.length > logBounds.lineBytes ? `${line.slice(0, logBounds.lineBytes)}…` : line;
}

/** Adds lines to a job's log and drops the oldest ones beyond its bounds. */
export function appendLog(
  db: Db,
  jobId: string,
  lines: readonly { at: number; line: string | Said }[],
): void {
  if (lines.length === 0) return;
  db.transaction((tx) => {
    for (const { at, line } of lines) tx.insert(jobLog).values({ jobId, at, line }).run();
    const size = tx
      .select({ lines: sql<number>`count(*)`, bytes: sql<number>`coalesce(sum(length(line) + 1), 0)` })
      .from(jobLog)
      .where(eq(jobLog.jobId, jobId))
      .get() ?? { lines: 0, bytes: 0 };
    if (size.lines <= logBounds.lines && size.bytes <= logBounds.bytes) return;
    const dropped = oldestBeyond(tx, jobId, size);
    tx.delete(jobLog).where(inArray(jobLog.seq, dropped)).run();
    tx.update(jobs)
      .set({ logDropped: sql`log_dropped + ${dropped.length}` })
      .where(eq(jobs.id, jobId))
      .run();
  });
}

/** The oldest lines that must go, a tenth of the bounds more than needed, so that not every line costs a deletion. */
function oldestBeyond(
  db: Pick<Db, 'select'>,
  jobId: string,
  size: { lines: number; bytes: number },
): number[] {
  const rows = db
    .select({ seq: jobLog.seq, bytes: sql<number>`length(line) + 1` })
    .from(jobLog)
    .where(eq(jobLog.jobId, jobId))
    .orderBy(asc(jobLog.seq))
    .all();
  let { lines, bytes } = size;
  const dropped: number[] = [];
  for (const row of rows) {
    if (lines <= logBounds.lines * 0.9 && bytes <= logBounds.bytes * 0.9) break;
    dropped.push(row.seq);
    lines -= 1;
    bytes -= row.bytes;
  }
  return dropped;
}

/**
 * A job's log, oldest line first.
 *
 * @param after only lines of a greater `seq`
 * @returns when lines were dropped and the log is read from its start, the first line says how many
 */
export function readLog(db: Db, jobId: string, after?: number): LogLine[] {
  const lines = db
    .select({ seq: jobLog.seq, at: jobLog.at, line: jobLog.line })
    .from(jobLog)
    .where(and(eq(jobLog.jobId, jobId), after === undefined ? undefined : gt(jobLog.seq, after)))
    .orderBy(asc(jobLog.seq))
    .all();
  const first = lines[0];
  if (after !== undefined || !first) return lines;
  const dropped =
    db.select({ count: jobs.logDropped }).from(jobs).where(eq(jobs.id, jobId)).get()?.count ?? 0;
  if (dropped === 0) return lines;
  return [{ seq: first.seq - 1, at: first.at, line: `… ${dropped} earlier lines dropped …` }, ...lines];
}
