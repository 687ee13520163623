/** What other rooms need of access, small enough to be stood in for in their tests. */
import type { Actor } from './actor';

/** Sealed texts by name. */
export interface SecretsPort {
  put(name: string, plain: string): void;
  read(name: string): string | undefined;
  has(name: string): boolean;
  remove(name: string): void;
}

/** One change, for the audit log; `detail` holds names and figures, never secrets. */
export interface AuditedChange {
  actor: Actor;
  /** Thing and verb: `vm.create`. */
  action: string;
  subject: { type: string; id: string };
  detail: Record<string, string | number>;
}
