import { and, eq } from 'drizzle-orm';
import { authorize, type Actor, type Authorized } from '../access/actor';
import type { Project, ProjectRole } from './model';
import type { WorkbenchPorts } from './ports';
import { projectMembers, projects } from './tables';

export type ProjectRow = typeof projects.$inferSelect;
export type ProjectRows = ReturnType<typeof openProjectRows>;

/** The rows of projects and the one rule of who may work in which. */
export function openProjectRows({ db, events }: WorkbenchPorts) {
  const find = (id: string) => db.select().from(projects).where(eq(projects.id, id)).get();

  const roleIn = (actor: Actor, row: ProjectRow): ProjectRole | undefined => {
    if (actor.userId !== undefined && row.ownerId === actor.userId) return 'owner';
    if (actor.role === 'admin') return 'admin';
    if (actor.userId === undefined) return undefined;
    const member = db
      .select({ userId: projectMembers.userId })
      .from(projectMembers)
      .where(and(eq(projectMembers.projectId, row.id), eq(projectMembers.userId, actor.userId)))
      .get();
    return member ? 'member' : undefined;
  };

  /** @throws Problem `not_found` both for no such project and for somebody else's */
  const require = (actor: Actor, id: string): Authorized<ProjectRow> =>
    authorize(find(id), (row) => roleIn(actor, row) !== undefined, 'workbench.errors.noProject');

  const idsOf = (actor: Actor): string[] | 'all' => {
    if (actor.role === 'admin') return 'all';
    if (actor.userId === undefined) return [];
    const own = db.select({ id: projects.id }).from(projects).where(eq(projects.ownerId, actor.userId)).all();
    const joined = db
      .select({ id: projectMembers.projectId })
      .from(projectMembers)
      .where(eq(projectMembers.userId, actor.userId))
      .all();
    return [...new Set([...own, ...joined].map(({ id }) => id))];
  };

  const notify = (projectId: string) => {
    events.publish({ topic: 'project', id: projectId, audience: { projectId } });
  };

  return { find, roleIn, require, idsOf, notify };
}

/** A row as the workbench's functions give it out. */
export function toProject(row: ProjectRow): Project {
  return {
    id: row.id,
    ownerId: row.ownerId,
    name: row.name,
    kind: row.kind,
    version: row.version,
    provider: row.provider,
    description: row.description,
    readme: row.readme,
    industry: row.industry,
    type: row.type,
    architecture: row.architecture,
    hasIcon: row.iconType !== null,
    sshPublicKey: row.sshPublicKey,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}
