import { guest } from '../access/actor';
import type { House } from '../house';
import { asProblem } from '../problem';

/**
 * The status of a page that Next has no word for: the page of an app that was taken down from the store says so with
 * 410 (RFC 9110, 15.5.11), so that search engines drop it and links are known to be dead.
 *
 * @param path path of the page
 * @returns 410, or undefined where Next knows the status itself
 */
export function pageStatus(house: House, path: string): 410 | undefined {
  const appId = /^\/store\/apps\/([^/]+)$/.exec(path)?.[1];
  if (appId === undefined) return undefined;
  try {
    house.store.app(guest, decodeURIComponent(appId));
  } catch (error) {
    if (asProblem(error).code === 'gone') return 410;
  }
  return undefined;
}
