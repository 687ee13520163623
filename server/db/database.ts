import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import SQLite from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';

/** Handle of the one SQLite database. Its transactions are synchronous: `db.transaction((tx) => …)`. */
export type Db = ReturnType<typeof openDatabase>;

/**
 * Opens the database and brings it to the newest schema.
 *
 * @param file path of the database file, or `:memory:`; its folder is made when missing
 * @param migrations folder with the generated SQL migrations
 * @returns the drizzle handle; `.$client` is the better-sqlite3 connection
 */
export function openDatabase(file: string, migrations: string) {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const client = new SQLite(file);
  client.pragma('journal_mode = WAL');
  client.pragma('synchronous = NORMAL');
  client.pragma('foreign_keys = ON');
  client.pragma('busy_timeout = 5000');
  const db = drizzle({ client });
  migrate(db, { migrationsFolder: migrations });
  return db;
}
