import { integer, primaryKey, sqliteTable, text, index } from 'drizzle-orm/sqlite-core';
import type { ProblemReport } from '../../problem';
import type { ToolFile, ToolState, UploadState } from './schemas';

/** Uploads into guests: only their state; the bytes lie in the guest, in the part file. */
export const guestUploads = sqliteTable(
  'guest_uploads',
  {
    id: text('id').primaryKey(),
    vmId: text('vm_id').notNull(),
    actorId: text('actor_id'),
    /** Absolute paths in the guest. */
    path: text('path').notNull(),
    partPath: text('part_path').notNull(),
    size: integer('size').notNull(),
    /** What is known to have been written; the truth is the size of the part file. */
    received: integer('received').notNull().default(0),
    replace: integer('replace', { mode: 'boolean' }).notNull(),
    /** Whether the sender will give its digest only at the end. */
    confirmLater: integer('confirm_later', { mode: 'boolean' }).notNull(),
    /** SHA-256 in hex: of the sender, of what passed through this server, of the file in the guest. */
    senderSha256: text('sender_sha256'),
    passedSha256: text('passed_sha256'),
    guestSha256: text('guest_sha256'),
    /** The sender's own mark of the file, by which a page finds the unfinished upload of a chosen file. */
    fingerprint: text('fingerprint'),
    metadata: text('metadata', { mode: 'json' }).$type<Record<string, string | null>>().notNull(),
    state: text('state').$type<UploadState>().notNull(),
    error: text('error', { mode: 'json' }).$type<ProblemReport>(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [index('guest_uploads_vm').on(table.vmId, table.state)],
);

/** The catalogue of tools; built-in ones are written anew at every start. */
export const tools = sqliteTable('tools', {
  id: text('id').primaryKey(),
  nameEn: text('name_en').notNull(),
  nameZh: text('name_zh').notNull(),
  descriptionEn: text('description_en').notNull(),
  descriptionZh: text('description_zh').notNull(),
  version: text('version').notNull(),
  script: text('script').notNull(),
  files: text('files', { mode: 'json' }).$type<ToolFile[]>().notNull(),
  checkCommand: text('check_command').notNull(),
  timeoutSeconds: integer('timeout_seconds').notNull(),
  /** Whether the site must reach the guest agent at the end. */
  needsAgent: integer('needs_agent', { mode: 'boolean' }).notNull(),
  /** Whether the guest gets the instance id and the MEP address and keys. */
  givesIdentity: integer('gives_identity', { mode: 'boolean' }).notNull(),
  builtIn: integer('built_in', { mode: 'boolean' }).notNull(),
  updatedAt: integer('updated_at').notNull(),
});

/** Which tools were chosen for a VM and how their installation stands. */
export const vmTools = sqliteTable(
  'vm_tools',
  {
    vmId: text('vm_id').notNull(),
    toolId: text('tool_id').notNull(),
    state: text('state').$type<ToolState>().notNull(),
    version: text('version'),
    jobId: text('job_id'),
    error: text('error', { mode: 'json' }).$type<ProblemReport>(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.vmId, table.toolId] })],
);

/** Where the MEP of a project's apps is; the keys lie in the secrets table. */
export const mepSettings = sqliteTable('mep_settings', {
  projectId: text('project_id').primaryKey(),
  address: text('address').notNull(),
  port: integer('port').notNull(),
  updatedAt: integer('updated_at').notNull(),
});
