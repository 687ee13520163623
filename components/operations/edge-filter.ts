/** Which edges are asked for: the words of the filter bar, as they stand in the page's address. */
import { edgeView, type EdgeView } from '@/server/operations/edges/schemas';
import type { SiteKind } from '@/server/sites/site';
import { standOf, stands, type Stand } from './stand';

/** The kinds that an edge's site can have. */
export const edgeKinds = edgeView.shape.kind.options;

export interface EdgeFilter {
  q: string;
  kind: SiteKind | undefined;
  health: Stand | undefined;
  /** `key=value`, or `key` alone for any value. */
  label: string | undefined;
  /** Only edges without a place, which no map can show. */
  noPlace: boolean;
}

export const noFilter: EdgeFilter = {
  q: '',
  kind: undefined,
  health: undefined,
  label: undefined,
  noPlace: false,
};

type Filtered = Pick<EdgeView, 'name' | 'kind' | 'labels' | 'place' | 'enabled'> & {
  health: Pick<EdgeView['health'], 'state'>;
};

/** Whether an edge is asked for. Every word of the text must be found in its name, address or labels. */
export function fits(edge: Filtered, { q, kind, health, label, noPlace }: EdgeFilter): boolean {
  if (kind !== undefined && edge.kind !== kind) return false;
  if (health !== undefined && standOf(edge) !== health) return false;
  if (noPlace && edge.place !== null) return false;
  const labels = labelsOf(edge);
  if (label !== undefined && !labels.includes(label) && !(label in edge.labels)) return false;
  const text = [edge.name, edge.place?.address, ...labels].join('\n').toLocaleLowerCase();
  return q
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** An edge's labels as `key=value`. */
export function labelsOf({ labels }: Pick<EdgeView, 'labels'>): string[] {
  return Object.entries(labels).map(([key, value]) => (value === '' ? key : `${key}=${value}`));
}

/** All labels of these edges, the most frequent first. */
export function labelChoices(edges: readonly Pick<EdgeView, 'labels'>[]): string[] {
  const counts = new Map<string, number>();
  for (const label of edges.flatMap(labelsOf)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([label]) => label);
}

/** Reads the filter out of an address. What is unknown there is as if it were absent. */
export function readFilter(params: Pick<URLSearchParams, 'get'>): EdgeFilter {
  const one = <T extends string>(name: string, of: readonly T[]) =>
    of.find((each) => each === params.get(name));
  return {
    q: params.get('q') ?? '',
    kind: one('kind', edgeKinds),
    health: one('health', stands),
    label: params.get('label') ?? undefined,
    noPlace: params.get('place') === 'none',
  };
}

/** The search part of the address of a filter, with the question mark; empty for no filter. */
export function writeFilter({ noPlace, ...filter }: EdgeFilter): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value) params.set(name, value);
  if (noPlace) params.set('place', 'none');
  return params.size === 0 ? '' : `?${params.toString()}`;
}
