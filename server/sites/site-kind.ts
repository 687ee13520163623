import type { CreateSiteInput, ImportedLogin, Light } from './schemas';
import type { Site } from './site';

/** What a site of a kind is set up with, without its secret. */
export type SiteConfig = CreateSiteInput['config'];

/** How sites of a kind are made and tried. Wiring gives one for each kind; the room itself knows no adapter. */
export interface SiteKindDefinition {
  /** Checks what can be checked without asking anybody. @throws Problem `invalid` */
  check(config: SiteConfig): void;
  /** Makes the site; nothing is asked of it before its `open()`. */
  open(id: string, name: string, config: SiteConfig, secret: string): Site;
  /** Tries a configuration, and tells how far it comes. Changes nothing there. */
  examine(config: SiteConfig, secret: string, signal: AbortSignal | undefined): AsyncIterable<Light>;
  /** Reads the logins in a file its users have. @throws Problem `invalid` with line and rule */
  readLogins(text: string): ImportedLogin[];
}
