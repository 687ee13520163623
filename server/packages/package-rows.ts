import { desc, eq, getTableColumns } from 'drizzle-orm';
import { hasRole, type Actor } from '../access/actor';
import type { Db } from '../db/database';
import type { Audience, Events } from '../jobs/events';
import { packageRefusals } from './package-gates';
import type { PackageProjects } from './order';
import type { Finding, PackageDetail, PackageSummary } from './schemas';
import { packages } from './tables';

export type PackageRow = typeof packages.$inferSelect;
type NewRow = typeof packages.$inferInsert;

// Lists leave out the file table, which can hold thousands of lines.
const { files: _files, order: _order, ...listColumns } = getTableColumns(packages);
type ListRow = Omit<PackageRow, 'files' | 'order'>;

interface Parts {
  db: Db;
  events: Events;
}

/** Rows of packages; every change is told to the pages. */
export interface PackageRows {
  find(id: string): PackageRow | undefined;
  findUpload(uploadId: string): PackageRow | undefined;
  list(projectId: string | undefined): ListRow[];
  unfinishedUploads(): PackageRow[];
  insert(row: Omit<NewRow, 'files' | 'findings' | 'images' | 'createdAt' | 'updatedAt'>): void;
  update(id: string, change: Partial<NewRow>): void;
  remove(id: string): void;
}

/** Opens the rows. */
export function openPackageRows({ db, events }: Parts): PackageRows {
  const tell = (id: string, row: Pick<PackageRow, 'projectId' | 'ownerId'>) => {
    const audience: Audience =
      row.projectId === null ? { userId: row.ownerId } : { projectId: row.projectId };
    events.publish({ topic: 'package', id, audience });
  };
  const find = (id: string) => db.select().from(packages).where(eq(packages.id, id)).get();
  return {
    find,
    findUpload: (uploadId) => db.select().from(packages).where(eq(packages.uploadId, uploadId)).get(),
    list: (projectId) =>
      db
        .select(listColumns)
        .from(packages)
        .where(projectId === undefined ? undefined : eq(packages.projectId, projectId))
        .orderBy(desc(packages.createdAt), desc(packages.id))
        .all(),
    unfinishedUploads: () => db.select().from(packages).where(eq(packages.state, 'uploading')).all(),
    insert(row) {
      const now = Date.now();
      db.insert(packages)
        .values({ ...row, files: [], findings: [], images: [], createdAt: now, updatedAt: now })
        .run();
      tell(row.id, { projectId: row.projectId ?? null, ownerId: row.ownerId });
    },
    update(id, change) {
      const row = db
        .update(packages)
        .set({ ...change, updatedAt: Date.now() })
        .where(eq(packages.id, id))
        .returning({ projectId: packages.projectId, ownerId: packages.ownerId })
        .get();
      if (row) tell(id, row);
    },
    remove(id) {
      const row = find(id);
      db.delete(packages).where(eq(packages.id, id)).run();
      if (row) tell(id, row);
    },
  };
}

/** Members of its project see a package; one without a project, only who brought it; administrators see all. */
export function maySeePackage(
  projects: Pick<PackageProjects, 'canSee'>,
  actor: Actor,
  row: Pick<PackageRow, 'projectId' | 'ownerId'>,
): boolean {
  if (hasRole(actor, 'admin')) return true;
  if (row.projectId !== null) return projects.canSee(actor, row.projectId);
  return actor.userId !== undefined && row.ownerId === actor.userId;
}

/** A package as lists show it. */
export function summaryOf(row: ListRow): PackageSummary {
  return {
    id: row.id,
    projectId: row.projectId,
    name: row.name,
    provider: row.provider,
    version: row.version,
    kind: row.kind,
    description: row.description,
    origin: row.origin,
    state: row.state,
    verification: row.verification,
    error: row.error,
    size: row.size,
    digest: row.digest,
    fileName: row.fileName,
    findings: countFindings(row.findings),
    images: row.images,
    createdAt: row.createdAt,
    createdBy: row.ownerName,
    jobId: row.jobId,
    refusals: packageRefusals(row),
  };
}

/** A package with its files and remarks. */
export function detailOf(row: PackageRow): PackageDetail {
  return { ...summaryOf(row), files: row.files, remarks: row.findings };
}

function countFindings(findings: readonly Finding[]): PackageSummary['findings'] {
  const count = { error: 0, warning: 0, note: 0 };
  for (const { severity } of findings) count[severity] += 1;
  return count;
}
