/** What every room stands on: the database, jobs, people, and a folder of its own. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openAccess, type Access } from '../access/access';
import type { Config } from '../config';
import { openDatabase, type Db } from '../db/database';
import { openEvents, type Events } from '../jobs/events';
import type { Jobs } from '../jobs/job';
import { openJobs } from '../jobs/jobs';
import type { Log } from '../log';

export interface Ground {
  config: Config;
  access: Access;
  /** The ports that nearly every room takes. */
  ports: {
    db: Db;
    jobs: Jobs;
    events: Events;
    log: Log;
    secrets: Access['secrets'];
    audit: (entry: Parameters<Access['audit']['record']>[0]) => void;
  };
  /** The folder of a room in the data folder; it is made, readable by the process's own user only. */
  dir: (name: string) => string;
}

/**
 * Opens the ground that the rooms stand on.
 *
 * @param config where things are
 * @param log the process's log
 * @throws Error when the database cannot be opened or brought to this version's tables
 */
export function openGround(config: Config, log: Log): Ground {
  const dir = (name: string) => {
    const path = join(config.dataDir, name);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  };
  const db = openDatabase(join(config.dataDir, 'edgeyard.sqlite'), resolve('drizzle'));
  const events = openEvents();
  const jobs = openJobs({ db, events, log });
  const access = openAccess({ db, config, events, log });
  const audit: Ground['ports']['audit'] = (entry) => {
    access.audit.record(entry);
  };
  return { config, access, ports: { db, jobs, events, log, secrets: access.secrets, audit }, dir };
}
