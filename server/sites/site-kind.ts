import type { z } from 'zod';
import type { ConfigurableKind, Light, SiteConfig, SiteConfigs, ImportedLogin } from './schemas';
import type { AnySite } from './site';

/**
 * How sites of a kind are made and tried. Wiring gives one for each kind; the room itself knows no adapter, and gives
 * every kind its own configs only.
 */
export interface SiteKindDefinition<C extends SiteConfig = SiteConfig> {
  /** Reads a config, be it of a form or of the database: one of an earlier version lacks what was added since. */
  schema: z.ZodType<C>;
  /** Checks what can be checked without asking anybody. @throws Problem `invalid` */
  check(config: C, secret?: string): void;
  /** Whether nothing can be tried without a secret. */
  needsSecret(config: C): boolean;
  /** Where the site is, for the audit log. */
  addressOf(config: C): string;
  /**
   * Whether a stored secret may be used with a configuration: it goes only to the address and the way of signing in it
   * was given for, so that nobody learns it by pointing the site somewhere else or by leaving out the check of TLS.
   */
  mayReuseSecret(stored: C, wanted: C): boolean;
  /** Makes the site; nothing is asked of it before its `open()`. `secret` is empty where none is needed. */
  open(id: string, name: string, config: C, secret: string): AnySite;
  /** Tries a configuration, and tells how far it comes. Changes nothing there. */
  examine(config: C, secret: string, signal: AbortSignal | undefined): AsyncIterable<Light>;
  /** Reads the logins in a file its users have; absent where there is no such file. @throws Problem `invalid` */
  readLogins?(text: string): ImportedLogin[];
}

/** One definition for each kind that administrators can add. */
export type SiteKinds = { [K in ConfigurableKind]: SiteKindDefinition<SiteConfigs[K]> };
