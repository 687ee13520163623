import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { and, asc, eq } from 'drizzle-orm';
import { hasRole, type Actor, type UserActor } from '../access/actor';
import type { AuditedChange, SecretsPort } from '../access/ports';
import type { Db } from '../db/database';
import { newId } from '../db/id';
import { Problem } from '../problem';
import type { Robots } from './registries';
import { createRobotSchema, registryRoles, type RegistryRole, type RobotView } from './schemas';
import { registryLogins } from './tables';
import type { Grant, VisibleTo } from './token-scope';

type Login = typeof registryLogins.$inferSelect;

/** Last use is written at most this often. */
const lastUseStepMs = 60_000;

/** A login that was proved. */
export interface ProvedLogin {
  user: string;
  grants: Grant[];
}

/** Logins of the bundled registry. */
export interface Logins {
  robots: Robots;
  /** Undefined for a wrong secret, an unknown user, and a login that is over. */
  prove(user: string, secret: string): ProvedLogin | undefined;
  /** The pull login of a holder; given again the same one, for these repositories. */
  pull(role: RegistryRole, repositories: string[], holder: string): { user: string; password: string };
  revokePull(holder: string): void;
  pullHolders(): string[];
}

interface LoginPorts {
  db: Db;
  secrets: SecretsPort;
  audit: (entry: AuditedChange) => void;
  changed: (role: RegistryRole) => void;
  /** Whether a role uses the bundled registry, whose logins these are. */
  isBundled: (role: RegistryRole) => boolean;
  actorOf: (token: string) => Actor | undefined;
  visibleTo: VisibleTo;
}

// 256 random bits: nothing to guess, so one hash without a salt is enough to keep it by.
const newSecret = () => randomBytes(32).toString('base64url');
const hashOf = (secret: string) => createHash('sha256').update(secret).digest('hex');
const pullSecret = (holder: string) => `registry:pull:${holder}`;

/** Opens the logins. */
export function openLogins(ports: LoginPorts): Logins {
  const { db, secrets, audit, changed, isBundled, actorOf, visibleTo } = ports;
  const find = (user: string) => db.select().from(registryLogins).where(eq(registryLogins.user, user)).get();

  const robots: Robots = {
    list: () =>
      db
        .select()
        .from(registryLogins)
        .where(eq(registryLogins.kind, 'robot'))
        .orderBy(asc(registryLogins.user))
        .all()
        .map(viewOf),

    create(actor, input) {
      const { name, role, right, repositories, days } = createRobotSchema.parse(input);
      if (!isBundled(role)) throw new Problem('conflict', 'registries.errors.robotElsewhere');
      const user = `robot-${name}`;
      if (find(user)) throw new Problem('conflict', 'registries.errors.robotTaken', { name });
      const secret = `eyr_${newSecret()}`;
      const now = Date.now();
      const row: Login = {
        id: newId('robot', now),
        kind: 'robot',
        user,
        hash: hashOf(secret),
        role,
        right,
        repositories: repositories.map((path) => `${role}/${path}`),
        holder: null,
        createdAt: now,
        expiresAt: days === undefined ? null : now + days * 86_400_000,
        lastUsedAt: null,
      };
      db.transaction(() => {
        db.insert(registryLogins).values(row).run();
        record(audit, actor, 'robot.create', row);
      });
      changed(role);
      return { ...viewOf(row), secret };
    },

    revoke(actor, id) {
      const row = db.transaction(() => {
        const gone = db
          .delete(registryLogins)
          .where(and(eq(registryLogins.id, id), eq(registryLogins.kind, 'robot')))
          .returning()
          .get();
        if (!gone) throw new Problem('not_found', 'registries.errors.noRobot');
        record(audit, actor, 'robot.revoke', gone);
        return gone;
      });
      changed(row.role);
    },
  };

  return {
    robots,

    prove(user, secret) {
      const person = actorOf(secret);
      if (person) return { user: person.name, grants: grantsOf(person, visibleTo) };
      const row = find(user);
      const now = Date.now();
      if (!row || !same(row.hash, hashOf(secret)) || (row.expiresAt ?? now) < now) return undefined;
      if ((row.lastUsedAt ?? 0) < now - lastUseStepMs)
        db.update(registryLogins).set({ lastUsedAt: now }).where(eq(registryLogins.id, row.id)).run();
      const actions = row.right === 'push' ? ['pull', 'push'] : ['pull'];
      return { user, grants: [{ repositories: row.repositories, actions }] };
    },

    pull(role, repositories, holder) {
      const row = db.select().from(registryLogins).where(eq(registryLogins.holder, holder)).get();
      const password = row && secrets.read(pullSecret(holder));
      if (row && password !== undefined) {
        db.update(registryLogins).set({ role, repositories }).where(eq(registryLogins.id, row.id)).run();
        return { user: row.user, password };
      }
      const fresh = newSecret();
      const now = Date.now();
      const id = newId('pull', now);
      db.transaction(() => {
        db.delete(registryLogins).where(eq(registryLogins.holder, holder)).run();
        db.insert(registryLogins)
          .values({
            id,
            kind: 'pull',
            user: id,
            hash: hashOf(fresh),
            role,
            right: 'pull',
            repositories,
            holder,
            createdAt: now,
          })
          .run();
        secrets.put(pullSecret(holder), fresh);
      });
      return { user: id, password: fresh };
    },

    revokePull(holder) {
      db.transaction(() => {
        db.delete(registryLogins).where(eq(registryLogins.holder, holder)).run();
        secrets.remove(pullSecret(holder));
      });
    },

    pullHolders: () =>
      db
        .select({ holder: registryLogins.holder })
        .from(registryLogins)
        .where(eq(registryLogins.kind, 'pull'))
        .all()
        .flatMap(({ holder }) => holder ?? []),
  };
}

/**
 * What a person's API token may do, whatever stands as user name: the right to look into a registry on its page is the
 * right to pull from it, and an administrator's token that may change settings may push.
 */
function grantsOf(person: Actor, visibleTo: VisibleTo): Grant[] {
  if (!hasRole(person, 'developer') || !person.scopes.includes('read')) return [];
  const repositories = hasRole(person, 'operator')
    ? registryRoles.map((role) => `${role}/*`)
    : visibleTo(person).map((name) => `workbench/${name}`);
  const push = hasRole(person, 'admin') && person.scopes.includes('admin');
  return [{ repositories, actions: push ? ['pull', 'push'] : ['pull'] }];
}

function same(hash: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(hash), Buffer.from(other));
}

function record(audit: LoginPorts['audit'], actor: UserActor, action: string, row: Login): void {
  audit({
    actor,
    action,
    subject: { type: 'robot', id: row.id },
    detail: { name: row.user, right: row.right, repositories: row.repositories.join(' ') },
  });
}

function viewOf(row: Login): RobotView {
  return {
    id: row.id,
    name: row.user.replace(/^robot-/, ''),
    user: row.user,
    role: row.role,
    right: row.right,
    repositories: row.repositories.map((path) => path.slice(row.role.length + 1)),
    createdAt: row.createdAt,
    expiresAt: row.expiresAt ?? undefined,
    lastUsedAt: row.lastUsedAt ?? undefined,
  };
}
