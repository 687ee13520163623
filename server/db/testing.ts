import { fileURLToPath } from 'node:url';
import { openDatabase, type Db } from './database';

/** An empty in-memory database with the real migrations applied, for unit tests. */
export function testDatabase(): Db {
  return openDatabase(':memory:', fileURLToPath(new URL('../../drizzle', import.meta.url)));
}
