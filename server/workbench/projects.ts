import { and, desc, eq, inArray } from 'drizzle-orm';
import type { Actor, UserActor } from '../access/actor';
import { requireUser } from '../access/actor';
import { newId } from '../db/id';
import type { Job, JobKind } from '../jobs/job';
import { Problem } from '../problem';
import { newKeyPair, projectKeyName } from './keys';
import type { Belonging, Member, ProjectView } from './model';
import type { WorkbenchPorts } from './ports';
import { checkIcon } from './project-icon';
import { openMembers } from './project-members';
import { toProject, type ProjectRow, type ProjectRows } from './project-rows';
import type { CreateProjectInput, IconInput, IconType, UpdateProjectInput } from './schemas';
import { projects, vms } from './tables';
import { gate } from './vm-gates';

/** What can be done with projects. Every function throws Problem `not_found` for a project that is not the actor's. */
export interface Projects {
  /** The actor's projects, newest change first; an administrator sees all. @param query words in name or description */
  list(actor: Actor, query?: { q?: string | undefined }): ProjectView[];
  get(actor: Actor, projectId: string): ProjectView;
  /**
   * @param requestKey the sender's key: the same key again gives the project it made before
   * @throws Problem `conflict` when the actor has a project of that name, `invalid` for a bad icon
   */
  create(actor: Actor, input: CreateProjectInput, requestKey?: string): ProjectView;
  update(actor: Actor, projectId: string, input: UpdateProjectInput): ProjectView;
  /** A copy of the description, without VMs, images, packages, members. */
  clone(actor: Actor, projectId: string, name: string): ProjectView;
  /** What deleting the project deletes. */
  removalPlan(actor: Actor, projectId: string): Belonging[];
  /** Deletes the project with all of that, as a job. Owner and administrators only. */
  remove(actor: Actor, projectId: string): Job;
  /** @throws Problem `not_found` when it has none */
  icon(actor: Actor, projectId: string): { type: IconType; data: Buffer; version: number };
  members(actor: Actor, projectId: string): Member[];
  /** Owner and administrators only. @param nameOrEmail who @throws Problem `not_found` for no such user */
  addMember(actor: Actor, projectId: string, nameOrEmail: string): Member[];
  /** Owner, administrators, and the member itself. */
  removeMember(actor: Actor, projectId: string, userId: string): Member[];
}

interface Parts {
  rows: ProjectRows;
  removal: JobKind<{ projectId: string }>;
  belongings: (projectId: string) => Belonging[];
}

/** Projects: see the interface. */
export function openProjects(ports: WorkbenchPorts, { rows, removal, belongings }: Parts): Projects {
  const { db, now = Date.now } = ports;

  const glances = (projectIds: string[]) => {
    if (projectIds.length === 0) return [];
    return db
      .select({ id: vms.id, name: vms.name, state: vms.state, siteId: vms.siteId, projectId: vms.projectId })
      .from(vms)
      .where(inArray(vms.projectId, projectIds))
      .orderBy(vms.createdAt)
      .all();
  };

  const hasScreens = (siteId: string) =>
    ports.sites.list().some((site) => site.id === siteId && site.screens !== undefined);

  const viewsOf = (actor: Actor, found: ProjectRow[]): ProjectView[] => {
    const all = glances(found.map(({ id }) => id));
    return found.map((row) => {
      const { hasIcon, ...project } = toProject(row);
      return {
        ...project,
        ownerName: ports.users.nameOf(row.ownerId) ?? row.ownerId,
        iconUrl: hasIcon ? `/api/v1/projects/${row.id}/icon?v=${row.updatedAt}` : undefined,
        role: rows.roleIn(actor, row) ?? 'member',
        removalJobId: row.removalJobId ?? undefined,
        vms: all
          .filter((vm) => vm.projectId === row.id)
          .map(({ id, name, state, siteId }) => ({
            id,
            name,
            state,
            screen: gate('screen', state).allowed && hasScreens(siteId),
          })),
      };
    });
  };

  const viewOf = (actor: Actor, row: ProjectRow): ProjectView => {
    const [view] = viewsOf(actor, [row]);
    if (!view) throw new Error('A project gave no view.');
    return view;
  };

  const requireFreeName = (ownerId: string, name: string, except?: string) => {
    const taken = db
      .select({ id: projects.id })
      .from(projects)
      .where(and(eq(projects.ownerId, ownerId), eq(projects.name, name)))
      .get();
    if (taken && taken.id !== except)
      throw new Problem('conflict', 'workbench.errors.projectNameTaken', { name });
  };

  const owned = (actor: Actor, projectId: string): ProjectRow => {
    const row = rows.require(actor, projectId);
    if (rows.roleIn(actor, row) === 'member') throw new Problem('forbidden', 'workbench.errors.ownerOnly');
    return row;
  };

  const insert = (
    actor: UserActor,
    fields: Pick<ProjectRow, 'name' | 'kind' | 'version' | 'provider' | 'description' | 'readme'> &
      Pick<ProjectRow, 'industry' | 'type' | 'architecture' | 'icon' | 'iconType'>,
    requestKey?: string,
  ): ProjectRow => {
    requireFreeName(actor.userId, fields.name);
    const id = newId('prj', now());
    const pair = newKeyPair(`edgeyard ${id}`);
    // Before the row: a project without its key would be one nobody can reach the guests of.
    ports.secrets.put(projectKeyName(id), pair.privateKey);
    const at = now();
    const row = db
      .insert(projects)
      .values({
        ...fields,
        id,
        ownerId: actor.userId,
        sshPublicKey: pair.publicKey.trim(),
        requestKey: requestKey ?? null,
        createdAt: at,
        updatedAt: at,
      })
      .returning()
      .get();
    rows.notify(id);
    return row;
  };

  const repeated = (userId: string, requestKey: string | undefined) =>
    requestKey === undefined
      ? undefined
      : db
          .select()
          .from(projects)
          .where(and(eq(projects.ownerId, userId), eq(projects.requestKey, requestKey)))
          .get();

  return {
    list(actor, query = {}) {
      const ids = rows.idsOf(actor);
      const q = query.q?.toLocaleLowerCase() ?? '';
      const found = db
        .select()
        .from(projects)
        .where(ids === 'all' ? undefined : inArray(projects.id, ids))
        .orderBy(desc(projects.updatedAt))
        .all()
        .filter(({ name, description, provider }) =>
          `${name}\n${description}\n${provider}`.toLocaleLowerCase().includes(q),
        );
      return viewsOf(actor, found);
    },

    get: (actor, projectId) => viewOf(actor, rows.require(actor, projectId)),

    create(actor, input, requestKey) {
      const user = requireUser(actor);
      const before = repeated(user.userId, requestKey);
      if (before) return viewOf(actor, before);
      const { icon, version = '1.0', description = '', readme = '', ...rest } = input;
      const row = insert(
        user,
        { ...rest, version, description, readme, ...iconColumns(icon ?? null) },
        requestKey,
      );
      ports.audit({
        actor,
        action: 'project.create',
        subject: { type: 'project', id: row.id },
        detail: { name: row.name },
      });
      return viewOf(actor, row);
    },

    update(actor, projectId, { icon, ...fields }) {
      const row = rows.require(actor, projectId);
      if (fields.name !== undefined) requireFreeName(row.ownerId, fields.name, row.id);
      const change = { ...fields, ...(icon === undefined ? {} : iconColumns(icon)), updatedAt: now() };
      const after = db.update(projects).set(change).where(eq(projects.id, row.id)).returning().get();
      ports.audit({
        actor,
        action: 'project.update',
        subject: { type: 'project', id: row.id },
        detail: { fields: Object.keys({ ...fields, ...(icon === undefined ? {} : { icon }) }).join(', ') },
      });
      rows.notify(row.id);
      return viewOf(actor, after);
    },

    clone(actor, projectId, name) {
      const user = requireUser(actor);
      const { kind, version, provider, description, readme, industry, type, architecture, icon, iconType } =
        rows.require(actor, projectId);
      const copy = {
        name,
        kind,
        version,
        provider,
        description,
        readme,
        industry,
        type,
        architecture,
        icon,
        iconType,
      };
      const row = insert(user, copy);
      ports.audit({
        actor,
        action: 'project.clone',
        subject: { type: 'project', id: row.id },
        detail: { from: projectId, name },
      });
      return viewOf(actor, row);
    },

    removalPlan: (actor, projectId) => belongings(rows.require(actor, projectId).id),

    remove(actor, projectId) {
      const row = owned(actor, projectId);
      const running = row.removalJobId === null ? undefined : ports.jobs.get(row.removalJobId);
      if (running && running.endedAt === undefined) return running;
      const held = glances([projectId]).find(({ state }) => state === 'capturing');
      if (held) throw new Problem('conflict', 'workbench.errors.projectBusy', { vm: held.name });
      const job = db.transaction((tx) => {
        const started = removal.start({
          input: { projectId },
          subject: { type: 'project', id: projectId },
          projectId,
          actorId: actor.userId,
        });
        tx.update(projects).set({ removalJobId: started.id }).where(eq(projects.id, projectId)).run();
        return started;
      });
      ports.audit({
        actor,
        action: 'project.delete',
        subject: { type: 'project', id: projectId },
        detail: { name: row.name },
      });
      rows.notify(projectId);
      return job;
    },

    icon(actor, projectId) {
      const { icon, iconType, updatedAt } = rows.require(actor, projectId);
      if (icon === null || iconType === null) throw new Problem('not_found', 'workbench.errors.noIcon');
      return { type: iconType as IconType, data: Buffer.from(icon, 'base64'), version: updatedAt };
    },

    ...openMembers(ports, rows, owned),
  };
}

function iconColumns(icon: IconInput | null): Pick<ProjectRow, 'icon' | 'iconType'> {
  if (icon === null) return { icon: null, iconType: null };
  return { icon: checkIcon(icon).toString('base64'), iconType: icon.type };
}
