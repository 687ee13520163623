import { and, count, desc, eq } from 'drizzle-orm';
import type { Db } from '../../db/database';
import type { Events } from '../../jobs/events';
import type { SecretsPort } from '../../access/ports';
import { Problem } from '../../problem';
import { unsealContents } from './revisions';
import { deployments } from './tables';

export type DeploymentRow = typeof deployments.$inferSelect;

/** Name of a deployment's secret parameters among the secrets. */
export const secretsName = (id: string): string => `deployment:${id}`;

/** Deployments that stand alike; of texts and parts, which are most of a row, nothing is read. */
export type CountedRows = Pick<
  DeploymentRow,
  'releaseId' | 'siteId' | 'state' | 'projectId' | 'createdBy'
> & {
  count: number;
};

/** Reads and writes of deployments; every write is told to the pages. */
export interface DeploymentRows {
  find(id: string): DeploymentRow | undefined;
  /** Newest first. */
  all(): DeploymentRow[];
  /** How many there are of each release at each site in each state, by whom they may be seen. */
  counts(): CountedRows[];
  /** Those at a site. */
  at(siteId: string): DeploymentRow[];
  /** The one of this name at a site. */
  named(siteId: string, name: string): DeploymentRow | undefined;
  insert(row: DeploymentRow): void;
  write(id: string, change: Partial<DeploymentRow>): void;
  /** Removes the row and its secrets. */
  remove(row: DeploymentRow): void;
  /** Says that something of it changed at its site; nobody's id is fine. */
  touched(id: string): void;
}

/** Opens the rows. */
export function openDeploymentRows(ports: { db: Db; events: Events; secrets: SecretsPort }): DeploymentRows {
  const { db, events, secrets } = ports;
  const tell = ({ id, projectId }: Pick<DeploymentRow, 'id' | 'projectId'>) => {
    const audience = projectId === null ? ({ role: 'developer' } as const) : { projectId };
    events.publish({ topic: 'deployment', id, audience });
  };
  const find = (id: string) => db.select().from(deployments).where(eq(deployments.id, id)).get();
  return {
    find,
    all: () => db.select().from(deployments).orderBy(desc(deployments.createdAt)).all(),
    counts() {
      const { releaseId, siteId, state, projectId, createdBy } = deployments;
      return db
        .select({ releaseId, siteId, state, projectId, createdBy, count: count() })
        .from(deployments)
        .groupBy(releaseId, siteId, state, projectId, createdBy)
        .all();
    },
    at: (siteId) => db.select().from(deployments).where(eq(deployments.siteId, siteId)).all(),
    named: (siteId, name) =>
      db
        .select()
        .from(deployments)
        .where(and(eq(deployments.siteId, siteId), eq(deployments.name, name)))
        .get(),
    insert(row) {
      db.insert(deployments).values(row).run();
      tell(row);
    },
    write(id, change) {
      db.update(deployments).set(change).where(eq(deployments.id, id)).run();
      const row = find(id);
      if (row) tell(row);
    },
    remove(row) {
      db.delete(deployments).where(eq(deployments.id, row.id)).run();
      secrets.remove(secretsName(row.id));
      unsealContents(secrets, row.id, row.revisions);
      tell(row);
    },
    touched(id) {
      const row = find(id);
      if (row) tell(row);
    },
  };
}

/** @throws Problem `conflict` for a name that another deployment has at the site */
export function requireFreeName(
  rows: DeploymentRows,
  site: { id: string; name: string },
  name: string,
): void {
  if (rows.named(site.id, name))
    throw new Problem('conflict', 'deployments.errors.nameTaken', { name, site: site.name });
}
