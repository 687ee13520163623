import { requireUser, type Actor } from '../access/actor';
import type { RawRoute } from '../content/raw-route';
import { sendFile, type SentFile } from '../content/send-file';
import { Problem } from '../problem';

const contentPath = /^\/api\/v1\/packages\/([\w-]+)\/content$/;

/** Downloads of packages. `fileOf` checks the right and the state. */
export function contentRoute(fileOf: (actor: Actor, id: string) => SentFile): RawRoute {
  return {
    matches: (method, path) => (method === 'GET' || method === 'HEAD') && contentPath.test(path),
    async handle(request, response, given) {
      const actor = requireUser(given);
      if (!actor.scopes.includes('read')) {
        throw new Problem('forbidden', 'access.errors.needsScope', { scope: 'read' });
      }
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      const file = fileOf(actor, contentPath.exec(pathname)?.[1] ?? '');
      await sendFile(request, response, file);
    },
  };
}
