'use client';

import { useTranslations } from 'next-intl';
import { useMemo, type ReactNode } from 'react';
import type { OverviewEdge } from '@/server/operations/overview/schemas';
import { standOf, stands, type Stand } from '../stand';
import { MapFrame, type MapScene } from './map-frame';
import { ClusterMarker, EdgeMarker } from './markers';
import { clustered, fitting, maxScale, pointOf, worldProjection, type Cluster, type Point } from './view';

const projection = worldProjection();

/** How near the map goes by itself: nearer there would be nothing left of the coasts to know a place by. */
const mostByItself = 12;

/** Up to how many markers there is room for names. */
const mostNames = 12;

/** An edge where it stands. */
interface Placed {
  edge: OverviewEdge;
  point: Point;
}

interface Choice {
  pointedAt: string | undefined;
  chosen: ReadonlySet<string>;
  onChoose: (ids: string[]) => void;
}

/**
 * The edges that have a place, on a map of the world. Markers that would cover each other are one, which parts them
 * when it is pressed, as far as they can be parted; else it chooses them all.
 *
 * @param pointedAt an edge that is pointed at elsewhere
 * @param chosen edges whose card is open
 * @param card what is told of them
 */
export function EdgeMap({
  edges,
  card,
  ...choice
}: Choice & { edges: readonly OverviewEdge[]; card: ReactNode }) {
  const t = useTranslations('edgePages.map');
  const placed = useMemo(
    () =>
      edges.flatMap((edge): Placed[] =>
        edge.place === null ? [] : [{ edge, point: pointOf(edge.place, projection) }],
      ),
    [edges],
  );
  const fit = useMemo(() => fitting(points(placed), mostByItself), [placed]);
  return (
    <MapFrame label={t('label')} fit={fit} over={card}>
      {(scene) => <Markers placed={placed} scene={scene} {...choice} />}
    </MapFrame>
  );
}

function points(placed: readonly Placed[]): Point[] {
  return placed.map(({ point }) => point);
}

function Markers({
  placed,
  scene: { view, box, goTo },
  ...choice
}: Choice & { placed: readonly Placed[]; scene: MapScene }) {
  const clusters = useMemo(() => clustered(placed, view, box), [placed, view, box]);
  const open = (things: readonly Placed[]) => {
    const nearer = fitting(points(things), maxScale);
    if (clustered(things, nearer, box).length > 1) goTo(nearer);
    else choice.onChoose(things.map(({ edge }) => edge.id));
  };
  return clusters.map((cluster) => (
    <Marker
      key={cluster.things.map(({ edge }) => edge.id).join(' ')}
      cluster={cluster}
      named={clusters.length <= mostNames}
      onOpen={() => open(cluster.things)}
      {...choice}
    />
  ));
}

function Marker({
  cluster: { at, things },
  pointedAt,
  chosen,
  named,
  onOpen,
  onChoose,
}: Choice & { cluster: Cluster<Placed>; named: boolean; onOpen: () => void }) {
  const strong = things.some(({ edge }) => edge.id === pointedAt || chosen.has(edge.id));
  const [only, ...more] = things;
  if (!only || more.length > 0)
    return <ClusterMarker counts={countStands(things)} at={at} strong={strong} onPress={onOpen} />;
  const { id, name } = only.edge;
  return (
    <EdgeMarker
      name={name}
      stand={standOf(only.edge)}
      at={at}
      strong={strong}
      named={named}
      onPress={() => onChoose([id])}
    />
  );
}

function countStands(things: readonly Placed[]): Record<Stand, number> {
  const counts = Object.fromEntries(stands.map((stand) => [stand, 0])) as Record<Stand, number>;
  for (const { edge } of things) counts[standOf(edge)] += 1;
  return counts;
}
