/** The doors of server/access/auth-handler.ts: they set or take the session's cookie, which tRPC cannot. */
type Door = 'sign-in/email' | 'sign-out' | 'oidc' | 'setup' | 'password';

/**
 * Sends one of the doors its body.
 *
 * @returns the answer's JSON; undefined for an empty one
 * @throws the server's problem document, which `problemOf` reads
 */
export async function callAuth(door: Door, body: object = {}): Promise<unknown> {
  const response = await fetch(`/api/auth/${door}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.status === 204) return undefined;
  const answer: unknown = await response.json();
  if (!response.ok) throw new RefusedError(answer);
  return answer;
}

class RefusedError extends Error {
  readonly data: { problem: unknown };

  constructor(problem: unknown) {
    super('refused');
    this.data = { problem };
  }
}
