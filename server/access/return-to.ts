/**
 * Where to go after signing in, out of an address somebody may have prepared: only a path of this site.
 *
 * @param next the wish, for example from `?next=`
 * @returns the path with its query and fragment; `/` for anything that leads elsewhere
 */
export function sameSitePath(next: string | null | undefined): string {
  // "//host", "/\host" and control characters are read as another site by browsers (WHATWG URL, 4.4).
  if (next === null || next === undefined || !/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(next)) return '/';
  const here = 'http://same.invalid';
  const url = new URL(next, here);
  // Dots are resolved by now: "/..//host" has become "//host".
  if (url.origin !== here || /^\/(\/|api\/)/.test(url.pathname)) return '/';
  return `${url.pathname}${url.search}${url.hash}`;
}
