import { requireUser, type Actor } from '../access/actor';
import type { RawRoute } from '../api/raw-route';
import { sendFile } from '../api/send-file';
import { Problem } from '../problem';

const contentPath = /^\/api\/v1\/packages\/([\w-]+)\/content$/;

/** Downloads of packages. `fileOf` checks the right and the state. */
export function contentRoute(
  fileOf: (actor: Actor, id: string) => { path: string; size: number; sha256: string; fileName: string },
): RawRoute {
  return {
    matches: (method, path) => (method === 'GET' || method === 'HEAD') && contentPath.test(path),
    async handle(request, response, given) {
      const actor = requireUser(given);
      if (!actor.scopes.includes('read')) {
        throw new Problem('forbidden', 'access.errors.needsScope', { scope: 'read' });
      }
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      const file = fileOf(actor, contentPath.exec(pathname)?.[1] ?? '');
      // The media type that SOL 004 packages are served with.
      await sendFile(request, response, { ...file, type: 'application/zip', open: false });
    },
  };
}
