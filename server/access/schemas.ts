import { z } from 'zod';
import { roles, scopes } from './actor';
import { paramsSchema } from '../problem-schema';

/** Shortest password; length beats composition rules (NIST SP 800-63B, 5.1.1.2). */
export const minPassword = 12;
/** Bounds the work of hashing. */
export const maxPassword = 128;
const dayMs = 24 * 60 * 60 * 1000;
/** Longest life of an API token, in days. */
export const maxTokenDays = 365;

/** Roles a user can have; a guest is nobody. */
export const userRoles = roles.filter((role) => role !== 'guest') as ['developer', 'operator', 'admin'];
export const userRoleSchema = z.enum(userRoles);
export type UserRole = z.infer<typeof userRoleSchema>;

const password = z
  .string()
  .min(minPassword, 'access.errors.passwordTooShort')
  .max(maxPassword, 'access.errors.passwordTooLong');
/** A name as people write it. */
export const userNameSchema = z
  .string()
  .trim()
  .min(1, 'access.errors.nameMissing')
  .max(80, 'access.errors.nameTooLong');
const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254, 'access.errors.emailInvalid')
  .regex(z.regexes.email, 'access.errors.emailInvalid');

/** A user as the pages and REST show one. */
export const userSchema = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: userRoleSchema,
  disabled: z.boolean(),
  /** Invited, and has not set a password yet. */
  invited: z.boolean(),
  createdAt: z.number(),
  lastSeenAt: z.number().optional(),
});
export type User = z.infer<typeof userSchema>;

/** A browser's session, without what proves it. */
export const sessionSchema = z.object({
  id: z.string(),
  current: z.boolean(),
  ipAddress: z.string().optional(),
  userAgent: z.string().optional(),
  createdAt: z.number(),
  lastSeenAt: z.number(),
  expiresAt: z.number(),
});
export type SessionView = z.infer<typeof sessionSchema>;

/** An API token, without the token. */
export const tokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(scopes)),
  /** First characters, to tell tokens apart. */
  hint: z.string(),
  createdAt: z.number(),
  expiresAt: z.number(),
  lastUsedAt: z.number().optional(),
});
export type TokenView = z.infer<typeof tokenSchema>;

export const createTokenSchema = z.object({
  name: userNameSchema,
  scopes: z.array(z.enum(scopes)).min(1, 'access.errors.scopeMissing'),
  /** Days until it ends. */
  days: z.int().min(1).max(maxTokenDays),
});
export type CreateToken = z.infer<typeof createTokenSchema>;

/** A new token; the only answer that ever holds it. */
export const createdTokenSchema = tokenSchema.extend({ token: z.string() });

/** Somebody takes a one-time link: the administrator's of the first start, an invitation, or a reset. */
export const acceptLinkSchema = z.object({ token: z.string().min(1).max(128), password });
export const setupSchema = acceptLinkSchema.extend({ name: userNameSchema, email });
export type Setup = z.infer<typeof setupSchema>;

export const inviteSchema = z.object({ name: userNameSchema, email, role: userRoleSchema });
export type Invite = z.infer<typeof inviteSchema>;

/** A one-time link, shown once to the administrator who made it. */
export const linkSchema = z.object({ user: userSchema, url: z.string(), expiresAt: z.number() });

export const changePasswordSchema = z.object({
  current: z.string().min(1, 'access.errors.passwordMissing').max(maxPassword),
  next: password,
});

export const auditEntrySchema = z.object({
  id: z.number(),
  at: z.number(),
  actorId: z.string().optional(),
  actorName: z.string(),
  via: z.enum(['session', 'token', 'none', 'system']),
  action: z.string(),
  subjectType: z.string().optional(),
  subjectId: z.string().optional(),
  detail: paramsSchema,
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

export const auditFilterSchema = z.object({
  actorId: z.string().max(64).optional(),
  /** An action, or the beginning of one: `vm.` finds all of them. */
  action: z.string().max(64).optional(),
  subjectId: z.string().max(128).optional(),
  /** Milliseconds since 1970; `from` is included, `to` is not. */
  from: z.coerce.number().int().optional(),
  to: z.coerce.number().int().optional(),
  /** Entries older than this one: the last id of the page before. */
  before: z.coerce.number().int().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type AuditFilter = z.input<typeof auditFilterSchema>;

/** How long a token of so many days lives, in milliseconds. */
export function daysInMs(days: number): number {
  return days * dayMs;
}
