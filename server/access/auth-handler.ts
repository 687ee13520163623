import { z } from 'zod';
import { asProblem, Problem, problemStatus } from '../problem';
import { sameSitePath } from './return-to';
import { acceptLinkSchema, setupSchema } from './schemas';
import { oidcProvider, type Library } from './sessions';
import type { SetupLinks } from './setup';
import type { SignInLimits } from './sign-in-limits';

const base = '/api/auth';
const credentials = z.object({ email: z.string().max(254), password: z.string().max(128) });
const oidcStart = z.object({ next: z.string().max(2000).optional() });

interface Doors {
  library: Library;
  /** The instance that knows the OpenID Connect provider. @throws Problem `unavailable` when it does not answer */
  oidcLibrary: () => Promise<Library>;
  setup: SetupLinks;
  limits: SignInLimits;
  /** Writes refused sign-ins into the audit log. */
  refused: (email: string) => void;
}

/**
 * Answers `/api/auth/*`: the only doors through which a browser gets or loses a session. Behind each stands the
 * library, whose many other endpoints stay shut.
 *
 * - `POST sign-in/email` `{email, password}`: 204 and the cookie; 401 with the same words whatever was wrong
 * - `POST sign-out`: 204
 * - `POST oidc` `{next?}`: `{url}` of the provider; `GET callback/oidc`: its way back
 * - `POST setup`, `POST password`: take a one-time link and sign in
 */
export function authHandler({ library, oidcLibrary, setup, limits, refused }: Doors) {
  return async (request: Request): Promise<Response> => {
    try {
      return await answer(request);
    } catch (error) {
      return problemResponse(asProblem(error));
    }
  };

  async function answer(request: Request): Promise<Response> {
    const door = `${request.method} ${new URL(request.url).pathname.slice(base.length)}`;
    switch (door) {
      case 'POST /sign-in/email':
        return signIn(request, await bodyOf(request, credentials));
      case 'POST /sign-out':
        return cookiesOnly(await library.handler(inner(request, '/sign-out', {})));
      case 'POST /oidc':
        return startOidc(request, await bodyOf(request, oidcStart));
      case `GET /callback/${oidcProvider}`:
        return comeBack(request);
      case 'POST /setup':
        return limited(request, 'setup', async () => {
          const body = await bodyOf(request, setupSchema);
          await setup.createAdministrator(body);
          return passIn(request, body);
        });
      case 'POST /password':
        return limited(request, 'password', async () => {
          const body = await bodyOf(request, acceptLinkSchema);
          const { email } = await setup.setPassword(body);
          return passIn(request, { email, password: body.password });
        });
      default:
        throw new Problem('not_found', 'problems.noSuchPath');
    }
  }

  async function signIn(request: Request, body: z.infer<typeof credentials>): Promise<Response> {
    return limited(request, body.email, async () => {
      const response = await passIn(request, body);
      if (response.status !== 204) {
        refused(body.email);
        // The library tells "no such user" from "wrong password" in some cases; people learn only that it failed.
        throw new Problem('unauthenticated', 'access.errors.signInFailed');
      }
      return response;
    });
  }

  async function passIn(request: Request, body: { email: string; password: string }): Promise<Response> {
    const { email, password } = body;
    const response = await library.handler(inner(request, '/sign-in/email', { email, password }));
    return response.ok ? cookiesOnly(response) : response;
  }

  /** The way back is a page load: whatever goes wrong ends on the sign-in page, not in JSON. */
  async function comeBack(request: Request): Promise<Response> {
    try {
      return await (await oidcLibrary()).handler(request);
    } catch {
      return new Response(null, { status: 302, headers: { location: '/sign-in?error=oidc' } });
    }
  }

  async function startOidc(request: Request, body: z.infer<typeof oidcStart>): Promise<Response> {
    const response = await (
      await oidcLibrary()
    ).handler(
      inner(request, '/sign-in/social', {
        provider: oidcProvider,
        callbackURL: sameSitePath(body.next),
        errorCallbackURL: '/sign-in?error=oidc',
        disableRedirect: true,
      }),
    );
    if (!response.ok) throw new Problem('unavailable', 'access.errors.oidcUnavailable');
    const { url } = z.object({ url: z.string() }).parse(await response.json());
    const headers = cookiesOf(response);
    headers.set('content-type', 'application/json');
    return new Response(JSON.stringify({ url }), { headers });
  }

  async function limited(request: Request, account: string, run: () => Promise<Response>): Promise<Response> {
    const peer = request.headers.get('x-edgeyard-peer') ?? '';
    await limits.attempt(peer, account);
    const response = await run();
    await limits.succeeded(peer, account);
    return response;
  }
}

async function bodyOf<T>(request: Request, schema: z.ZodType<T>): Promise<T> {
  const json: unknown = await request.json().catch(() => undefined);
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new Problem('invalid', 'problems.badInput', {}, { detail: z.prettifyError(parsed.error) });
}

/** The same request to another path of the library, with a body of ours. */
function inner(request: Request, path: string, body: object): Request {
  const headers = new Headers(request.headers);
  headers.set('content-type', 'application/json');
  headers.delete('content-length');
  const url = new URL(`${base}${path}`, request.url);
  return new Request(url, { method: 'POST', headers, body: JSON.stringify(body) });
}

function cookiesOf(response: Response): Headers {
  const headers = new Headers({ 'cache-control': 'no-store' });
  for (const cookie of response.headers.getSetCookie()) headers.append('set-cookie', cookie);
  return headers;
}

/** The library's answers repeat the session's token in the body, where scripts could read it; ours do not. */
function cookiesOnly(response: Response): Response {
  return new Response(null, { status: 204, headers: cookiesOf(response) });
}

/** RFC 9457; pages translate `key`. */
function problemResponse(problem: Problem): Response {
  const status = problemStatus[problem.code];
  const { code, key, params, detail } = problem.report();
  return new Response(
    JSON.stringify({ type: 'about:blank', status, title: code, code, key, params, detail }),
    {
      status,
      headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    },
  );
}
