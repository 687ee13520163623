import { and, eq } from 'drizzle-orm';
import type { Actor } from '../access/actor';
import { Problem } from '../problem';
import type { Member } from './model';
import type { WorkbenchPorts } from './ports';
import type { ProjectRow, ProjectRows } from './project-rows';
import type { Projects } from './projects';
import { projectMembers } from './tables';

/**
 * Who works in a project beside its owner.
 *
 * @param owned gives the row to owner and administrators, and refuses others
 */
export function openMembers(
  ports: WorkbenchPorts,
  rows: ProjectRows,
  owned: (actor: Actor, projectId: string) => ProjectRow,
): Pick<Projects, 'members' | 'addMember' | 'removeMember'> {
  const { db, now = Date.now } = ports;
  const nameOf = (userId: string) => ports.users.nameOf(userId) ?? userId;

  const membersOf = (row: ProjectRow): Member[] => {
    const others = db
      .select()
      .from(projectMembers)
      .where(eq(projectMembers.projectId, row.id))
      .orderBy(projectMembers.addedAt)
      .all();
    return [
      { userId: row.ownerId, name: nameOf(row.ownerId), owner: true, addedAt: row.createdAt },
      ...others.map(({ userId, addedAt }) => ({ userId, name: nameOf(userId), owner: false, addedAt })),
    ];
  };

  return {
    members: (actor, projectId) => membersOf(rows.require(actor, projectId)),

    addMember(actor, projectId, nameOrEmail) {
      const row = owned(actor, projectId);
      const user = ports.users.find(nameOrEmail.trim());
      if (!user) throw new Problem('not_found', 'workbench.errors.noUser', { name: nameOrEmail });
      if (user.id !== row.ownerId) {
        db.insert(projectMembers)
          .values({ projectId, userId: user.id, addedAt: now() })
          .onConflictDoNothing()
          .run();
        ports.audit({
          actor,
          action: 'project.addMember',
          subject: { type: 'project', id: projectId },
          detail: { user: user.name },
        });
        rows.notify(projectId);
      }
      return membersOf(row);
    },

    removeMember(actor, projectId, userId) {
      const row = userId === actor.userId ? rows.require(actor, projectId) : owned(actor, projectId);
      if (userId === row.ownerId) throw new Problem('conflict', 'workbench.errors.ownerStays');
      const member = and(eq(projectMembers.projectId, projectId), eq(projectMembers.userId, userId));
      db.delete(projectMembers).where(member).run();
      ports.audit({
        actor,
        action: 'project.removeMember',
        subject: { type: 'project', id: projectId },
        detail: { user: nameOf(userId) },
      });
      // Consoles of the removed member listen to this and end.
      rows.notify(projectId);
      return membersOf(row);
    },
  };
}
