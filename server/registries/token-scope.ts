/** Scopes of Docker's token authentication: `repository:<name>:<action>,<action>`, `registry:catalog:*`. */
import type { Actor } from '../access/actor';

/** What a token may do with one thing. */
export interface Access {
  type: string;
  name: string;
  actions: string[];
}

/** What a login may do. */
export interface Grant {
  /** Whole repository names; one that ends in `*` stands for all that begin so. */
  repositories: readonly string[];
  actions: readonly string[];
}

/**
 * What of the workbench's repositories somebody may look into who is no operator: names without the role's prefix; one
 * that ends in `*` stands for all that begin so.
 */
export type VisibleTo = (actor: Actor) => readonly string[];

const known = new Set(['pull', 'push', 'delete', '*']);

/**
 * Reads scopes as clients send them, several in one parameter with spaces between too. What cannot be read is left out:
 * a token then lacks it, and the registry says so.
 */
export function readScopes(texts: readonly string[]): Access[] {
  return texts
    .flatMap((text) => text.split(' '))
    .flatMap((text) => {
      // A name may hold a host with its port, so the type is before the first colon and the actions after the last.
      const match = /^([a-z]+)(?:\([a-z]+\))?:(.+):([a-z,*]*)$/.exec(text);
      const [, type, name, actions] = match ?? [];
      if (type === undefined || name === undefined || actions === undefined) return [];
      return [{ type, name, actions: actions.split(',').filter((action) => known.has(action)) }];
    });
}

/**
 * What of the things asked for is granted; nothing more, and nothing of what has no action left.
 *
 * @param asked what the client wants
 * @param grants what the login may do
 * @param catalog whether it may list all repositories
 */
export function granted(asked: readonly Access[], grants: readonly Grant[], catalog: boolean): Access[] {
  return asked
    .map(({ type, name, actions }) => ({
      type,
      name,
      actions: actions.filter((action) =>
        type === 'registry'
          ? catalog && name === 'catalog' && action === '*'
          : type === 'repository' &&
            grants.some((grant) => covers(grant, name) && grant.actions.includes(action)),
      ),
    }))
    .filter(({ actions }) => actions.length > 0);
}

/** Whether a grant is about a repository. */
export function covers({ repositories }: Pick<Grant, 'repositories'>, name: string): boolean {
  return repositories.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );
}
