import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { ProblemReport } from '../problem';
import type { SeedFile } from '../sites/seed';
import type { BootPhase, CloudWish, FlavorChoice, PortForward } from '../sites/site';
import type { VmReason } from './model';
import type { Architecture, ProjectKind, VmEventKind } from './schemas';
import type { VmState } from './vm-gates';

export const projects = sqliteTable(
  'projects',
  {
    id: text('id').primaryKey(),
    ownerId: text('owner_id').notNull(),
    name: text('name').notNull(),
    kind: text('kind').$type<ProjectKind>().notNull(),
    version: text('version').notNull(),
    provider: text('provider').notNull(),
    description: text('description').notNull(),
    /** Markdown. */
    readme: text('readme').notNull(),
    industry: text('industry').notNull(),
    type: text('type').notNull(),
    architecture: text('architecture').$type<Architecture>().notNull(),
    /** Media type and base64 of the picture; both or neither. */
    iconType: text('icon_type'),
    icon: text('icon'),
    /** The public half of the project's key pair, in OpenSSH format. The private half is in the secrets. */
    sshPublicKey: text('ssh_public_key').notNull(),
    /** The sender's key of the request that made it: the same key again finds this project. */
    requestKey: text('request_key'),
    /** The job that deletes the project; null while it stays. */
    removalJobId: text('removal_job_id'),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [uniqueIndex('projects_owner_name').on(table.ownerId, table.name)],
);

/** Who may work in a project beside its owner. */
export const projectMembers = sqliteTable(
  'project_members',
  {
    projectId: text('project_id')
      .notNull()
      .references(() => projects.id, { onDelete: 'cascade' }),
    userId: text('user_id').notNull(),
    addedAt: integer('added_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.projectId, table.userId] }),
    index('project_members_user').on(table.userId),
  ],
);

export const vms = sqliteTable(
  'vms',
  {
    id: text('id').primaryKey(),
    projectId: text('project_id')
      .notNull()
      .references(() => projects.id, { onDelete: 'restrict' }),
    /** Unique in the project: what makes a double click one VM. */
    name: text('name').notNull(),
    siteId: text('site_id').notNull(),
    /** The site's id of the VM; null before it was made there. */
    siteRef: text('site_ref'),
    state: text('state').$type<VmState>().notNull(),
    /** Why it is stopped or failed, in a word and in the site's own words; or a problem of ours. */
    reason: text('reason').$type<VmReason>(),
    reasonDetail: text('reason_detail'),
    problem: text('problem', { mode: 'json' }).$type<ProblemReport>(),
    /** What was asked for. */
    flavor: text('flavor', { mode: 'json' }).$type<FlavorChoice>().notNull(),
    vcpus: integer('vcpus').notNull(),
    memoryMiB: integer('memory_mib').notNull(),
    diskGiB: integer('disk_gib').notNull(),
    imageId: text('image_id').notNull(),
    imageName: text('image_name').notNull(),
    /** Account that the project's key opens; null when the image takes none. */
    login: text('login'),
    networkId: text('network_id').notNull(),
    networkName: text('network_name').notNull(),
    /** A fixed address that was asked for. */
    address: text('address'),
    forwards: text('forwards', { mode: 'json' }).$type<PortForward[]>().notNull(),
    /** What was asked of a cloud beside flavor, image and network. */
    cloud: text('cloud', { mode: 'json' }).$type<CloudWish>(),
    sshKeys: text('ssh_keys', { mode: 'json' }).$type<string[]>().notNull(),
    userData: text('user_data'),
    files: text('files', { mode: 'json' }).$type<SeedFile[]>(),
    toolIds: text('tool_ids', { mode: 'json' }).$type<string[]>().notNull(),
    /** Base64 of the guest's host key, kept from the first connection on. */
    hostKey: text('host_key'),
    /** What the present start has reached, and since when it starts. */
    bootStartedAt: integer('boot_started_at'),
    boot: text('boot', { mode: 'json' }).$type<{ phase: BootPhase; at: number }[]>().notNull(),
    /** The sender's key of the request that made it: the same key again finds this VM. */
    requestKey: text('request_key'),
    /** The job that changes the VM now. */
    jobId: text('job_id'),
    createdBy: text('created_by'),
    createdAt: integer('created_at').notNull(),
    /** When the state was entered, milliseconds since 1970. */
    stateSince: integer('state_since').notNull(),
  },
  (table) => [
    uniqueIndex('vms_project_name').on(table.projectId, table.name),
    index('vms_site').on(table.siteId, table.siteRef),
  ],
);

/** What happened to a VM, oldest first: the timeline of its page. */
export const vmEvents = sqliteTable(
  'vm_events',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    vmId: text('vm_id')
      .notNull()
      .references(() => vms.id, { onDelete: 'cascade' }),
    at: integer('at').notNull(),
    kind: text('kind').$type<VmEventKind>().notNull(),
    /** For `state` the new state, for `boot` the phase, for `action` the action's name. */
    value: text('value').notNull(),
    detail: text('detail'),
    actorId: text('actor_id'),
  },
  (table) => [index('vm_events_vm').on(table.vmId, table.id)],
);
