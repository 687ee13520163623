import { eq } from 'drizzle-orm';
import type { SecretsPort } from '../access/ports';
import type { RegistriesConfig } from '../config';
import type { Db } from '../db/database';
import { Problem } from '../problem';
import type { ExternalRegistry, RegistryRole } from './schemas';
import { registrySettings, type RegistryPlace } from './tables';

export const bundledPlace: RegistryPlace = { kind: 'bundled' };

/** Whose password: of the registry in use, of the one before, and of the one it is being moved to. */
type Slot = 'place' | 'former' | 'next';

/** What is sealed of a registry. */
export interface Passwords {
  own: string | undefined;
  /** Of the login that may only pull. */
  pull: string | undefined;
}

/** What each role's registry is set to. */
export interface Settings {
  /** Where the role's registry is; the file wins over the page. */
  place(role: RegistryRole): RegistryPlace;
  former(role: RegistryRole): RegistryPlace | undefined;
  next(role: RegistryRole): RegistryPlace | undefined;
  moveJobId(role: RegistryRole): string | undefined;
  password(role: RegistryRole, slot: Slot): string | undefined;
  /** Of the login that may only pull, in the registry in use. */
  pullPassword(role: RegistryRole): string | undefined;
  fromFile(role: RegistryRole): boolean;
  /** Switches at once; where it was is kept as `former` until it is moved or forgotten. */
  switchTo(role: RegistryRole, place: RegistryPlace, passwords: Passwords): void;
  /** Begins a move; {@link Settings.arrive} or {@link Settings.stay} ends it. */
  moveTo(role: RegistryRole, place: RegistryPlace, passwords: Passwords, jobId: string): void;
  /** The move is over: `next` is the registry now. */
  arrive(role: RegistryRole): void;
  /** The move failed or was cancelled. */
  stay(role: RegistryRole): void;
  forgetFormer(role: RegistryRole): void;
}

const secretName = (role: RegistryRole, slot: Slot) => `registry:${role}:${slot}`;
const pullSecretName = (role: RegistryRole, slot: Slot) => `${secretName(role, slot)}:pull`;
export const noPasswords: Passwords = { own: undefined, pull: undefined };

/** Whether two places are the same registry, as far as its content goes. */
export function samePlace(one: RegistryPlace, other: RegistryPlace): boolean {
  if (one.kind === 'bundled' || other.kind === 'bundled') return one.kind === other.kind;
  return one.config.url === other.config.url && one.config.prefix === other.config.prefix;
}

/** Whether a stored password may go along: to the same address, for the same user, by a way no less safe. */
export function mayReusePassword(stored: RegistryPlace, wanted: ExternalRegistry): boolean {
  return stored.kind === 'external' && stored.config.url === wanted.url && stored.config.user === wanted.user;
}

/** The same of the login that may only pull. */
export function mayReusePullPassword(stored: RegistryPlace, wanted: ExternalRegistry): boolean {
  return (
    stored.kind === 'external' &&
    stored.config.url === wanted.url &&
    stored.config.pullUser === wanted.pullUser
  );
}

/** Opens the settings. A place of the file that is another than last time leaves the old one as `former`. */
export function openSettings(db: Db, secrets: SecretsPort, file: RegistriesConfig['external']): Settings {
  const row = (role: RegistryRole) =>
    db.select().from(registrySettings).where(eq(registrySettings.role, role)).get();
  const stored = (role: RegistryRole): RegistryPlace => row(role)?.place ?? bundledPlace;

  function keep(role: RegistryRole, change: Partial<typeof registrySettings.$inferInsert>): void {
    const set = { ...change, updatedAt: Date.now() };
    db.insert(registrySettings)
      .values({ role, place: stored(role), ...set })
      .onConflictDoUpdate({ target: registrySettings.role, set })
      .run();
  }
  function seal(name: string, password: string | undefined): void {
    if (password === undefined) secrets.remove(name);
    else secrets.put(name, password);
  }
  function keepPasswords(role: RegistryRole, slot: Slot, { own, pull }: Passwords): void {
    seal(secretName(role, slot), own);
    seal(pullSecretName(role, slot), pull);
  }
  const sealed = (role: RegistryRole, slot: Slot): Passwords => ({
    own: secrets.read(secretName(role, slot)),
    pull: secrets.read(pullSecretName(role, slot)),
  });
  const password = (role: RegistryRole, slot: Slot) =>
    slot === 'place' && file[role] ? file[role].password : secrets.read(secretName(role, slot));

  function switchTo(role: RegistryRole, place: RegistryPlace, given: Passwords): void {
    db.transaction(() => {
      const before = stored(role);
      const moved = !samePlace(before, place);
      if (moved) keepPasswords(role, 'former', sealed(role, 'place'));
      keepPasswords(role, 'place', given);
      const former = moved ? before : (row(role)?.former ?? null);
      keep(role, { place, former: former && samePlace(former, place) ? null : former });
    });
  }

  function stay(role: RegistryRole): void {
    db.transaction(() => {
      keepPasswords(role, 'next', noPasswords);
      keep(role, { next: null, moveJobId: null });
    });
  }

  for (const [role, { config, password: own, pullPassword: pull }] of Object.entries(file)) {
    switchTo(role as RegistryRole, { kind: 'external', config }, { own, pull });
    // The file wins over a move that was under way too.
    stay(role as RegistryRole);
  }

  return {
    place: stored,
    former: (role) => row(role)?.former ?? undefined,
    next: (role) => row(role)?.next ?? undefined,
    moveJobId: (role) => row(role)?.moveJobId ?? undefined,
    password,
    pullPassword: (role) => (file[role] ? file[role].pullPassword : sealed(role, 'place').pull),
    fromFile: (role) => file[role] !== undefined,
    switchTo,

    moveTo(role, place, given, jobId) {
      if (row(role)?.next) throw new Problem('conflict', 'registries.errors.moving');
      keepPasswords(role, 'next', given);
      keep(role, { next: place, moveJobId: jobId });
    },
    arrive(role) {
      db.transaction(() => {
        const { next, place } = row(role) ?? {};
        if (!next || !place) return;
        keepPasswords(role, 'place', sealed(role, 'next'));
        keepPasswords(role, 'next', noPasswords);
        keep(role, { place: next, next: null, moveJobId: null });
      });
    },
    stay,
    forgetFormer(role) {
      db.transaction(() => {
        keepPasswords(role, 'former', noPasswords);
        keep(role, { former: null });
      });
    },
  };
}
