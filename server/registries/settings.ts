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

/** What each role's registry is set to. */
export interface Settings {
  /** Where the role's registry is; the file wins over the page. */
  place(role: RegistryRole): RegistryPlace;
  former(role: RegistryRole): RegistryPlace | undefined;
  next(role: RegistryRole): RegistryPlace | undefined;
  moveJobId(role: RegistryRole): string | undefined;
  password(role: RegistryRole, slot: Slot): string | undefined;
  fromFile(role: RegistryRole): boolean;
  /** Switches at once; where it was is kept as `former` until it is moved or forgotten. */
  switchTo(role: RegistryRole, place: RegistryPlace, password: string | undefined): void;
  /** Begins a move; {@link Settings.arrive} or {@link Settings.stay} ends it. */
  moveTo(role: RegistryRole, place: RegistryPlace, password: string | undefined, jobId: string): void;
  /** The move is over: `next` is the registry now. */
  arrive(role: RegistryRole): void;
  /** The move failed or was cancelled. */
  stay(role: RegistryRole): void;
  forgetFormer(role: RegistryRole): void;
}

const secretName = (role: RegistryRole, slot: Slot) => `registry:${role}:${slot}`;

/** Whether two places are the same registry, as far as its content goes. */
export function samePlace(one: RegistryPlace, other: RegistryPlace): boolean {
  if (one.kind === 'bundled' || other.kind === 'bundled') return one.kind === other.kind;
  return one.config.url === other.config.url && one.config.prefix === other.config.prefix;
}

/** Whether a stored password may go along: to the same address, for the same user, by a way no less safe. */
export function mayReusePassword(stored: RegistryPlace, wanted: ExternalRegistry): boolean {
  return stored.kind === 'external' && stored.config.url === wanted.url && stored.config.user === wanted.user;
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
  function keepPassword(role: RegistryRole, slot: Slot, password: string | undefined): void {
    if (password === undefined) secrets.remove(secretName(role, slot));
    else secrets.put(secretName(role, slot), password);
  }
  const password = (role: RegistryRole, slot: Slot) =>
    slot === 'place' && file[role] ? file[role].password : secrets.read(secretName(role, slot));

  function switchTo(role: RegistryRole, place: RegistryPlace, given: string | undefined): void {
    db.transaction(() => {
      const before = stored(role);
      const moved = !samePlace(before, place);
      if (moved) keepPassword(role, 'former', secrets.read(secretName(role, 'place')));
      keepPassword(role, 'place', given);
      const former = moved ? before : (row(role)?.former ?? null);
      keep(role, { place, former: former && samePlace(former, place) ? null : former });
    });
  }

  function stay(role: RegistryRole): void {
    db.transaction(() => {
      secrets.remove(secretName(role, 'next'));
      keep(role, { next: null, moveJobId: null });
    });
  }

  for (const [role, { config, password: given }] of Object.entries(file)) {
    switchTo(role as RegistryRole, { kind: 'external', config }, given);
    // The file wins over a move that was under way too.
    stay(role as RegistryRole);
  }

  return {
    place: stored,
    former: (role) => row(role)?.former ?? undefined,
    next: (role) => row(role)?.next ?? undefined,
    moveJobId: (role) => row(role)?.moveJobId ?? undefined,
    password,
    fromFile: (role) => file[role] !== undefined,
    switchTo,

    moveTo(role, place, given, jobId) {
      if (row(role)?.next) throw new Problem('conflict', 'registries.errors.moving');
      keepPassword(role, 'next', given);
      keep(role, { next: place, moveJobId: jobId });
    },
    arrive(role) {
      db.transaction(() => {
        const { next, place } = row(role) ?? {};
        if (!next || !place) return;
        keepPassword(role, 'place', secrets.read(secretName(role, 'next')));
        secrets.remove(secretName(role, 'next'));
        keep(role, { place: next, next: null, moveJobId: null });
      });
    },
    stay,
    forgetFormer(role) {
      db.transaction(() => {
        secrets.remove(secretName(role, 'former'));
        keep(role, { former: null });
      });
    },
  };
}
