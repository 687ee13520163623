/**
 * Joins CSS classes.
 *
 * @param parts classes; false, null, undefined and '' are left out, so that `on && 'class'` works
 */
export function classNames(...parts: (string | false | null | undefined)[]): string {
  return parts.filter(Boolean).join(' ');
}
