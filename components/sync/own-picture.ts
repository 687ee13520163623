/** A picture of this Edgeyard; null for one of another store: the browser fetches nothing from elsewhere. */
export function ownPicture(url: string | null): string | null {
  return url?.startsWith('/') === true && !url.startsWith('//') ? url : null;
}
