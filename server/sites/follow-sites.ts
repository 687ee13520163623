/**
 * Listens at every site there is, and at those that come later, until they go.
 *
 * @param present those that are open now
 * @param onChange tells of those that come and go; ends with the returned function
 * @param listen begins at a site, and returns what ends it
 * @returns ends it all
 */
export function followSites<Site extends { id: string }>(
  present: readonly Site[],
  onChange: (listener: (change: { change: 'added' | 'removed'; site: Site }) => void) => () => void,
  listen: (site: Site) => () => void,
): () => void {
  const stops = new Map<string, () => void>();
  const end = (id: string) => {
    stops.get(id)?.();
    stops.delete(id);
  };
  const begin = (site: Site) => {
    end(site.id);
    stops.set(site.id, listen(site));
  };
  for (const site of present) begin(site);
  const stop = onChange(({ change, site }) => {
    if (change === 'added') begin(site);
    else end(site.id);
  });
  return () => {
    stop();
    for (const id of stops.keys()) end(id);
  };
}
