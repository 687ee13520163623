/** The map's arithmetic: where a place lies, what part of the world is shown, which markers would cover each other. */
import { geoEqualEarth, type GeoProjection } from 'd3-geo';
import type { Place } from '@/server/operations/edges/schemas';

/** The whole world on a sheet of this size; areas keep their size in this projection. */
export const sheet = { width: 1000, height: 487 } as const;

/** Where a projection puts a place on the sheet. */
export function worldProjection(): GeoProjection {
  return geoEqualEarth().fitSize([sheet.width, sheet.height], { type: 'Sphere' });
}

/** A point of the sheet. */
export interface Point {
  x: number;
  y: number;
}

/** Which part of the sheet is shown: its middle, and how much larger than the whole sheet. */
export interface View extends Point {
  scale: number;
}

export const maxScale = 200;
export const wholeWorld: View = { x: sheet.width / 2, y: sheet.height / 2, scale: 1 };

/** The size of the box on screen, in CSS pixels. */
export interface Box {
  width: number;
  height: number;
}

/** CSS pixels for a unit of the sheet: the whole sheet fits the box at scale 1. */
export function pixelsPerUnit(view: View, box: Box): number {
  return Math.min(box.width / sheet.width, box.height / sheet.height) * view.scale;
}

/** Where a point of the sheet stands in the box. */
export function toBox(point: Point, view: View, box: Box): Point {
  const unit = pixelsPerUnit(view, box);
  return { x: (point.x - view.x) * unit + box.width / 2, y: (point.y - view.y) * unit + box.height / 2 };
}

/** Which point of the sheet stands at a point of the box. */
export function toSheet(at: Point, view: View, box: Box): Point {
  const unit = pixelsPerUnit(view, box);
  return { x: (at.x - box.width / 2) / unit + view.x, y: (at.y - box.height / 2) / unit + view.y };
}

/** The view nearest to this one that is allowed: not larger than the sheet, not beyond its rim. */
export function clamped(view: View): View {
  const scale = Math.min(maxScale, Math.max(1, view.scale));
  const within = (value: number, size: number) => {
    const half = size / 2 / scale;
    return Math.min(size - half, Math.max(half, value));
  };
  return { x: within(view.x, sheet.width), y: within(view.y, sheet.height), scale };
}

/** Zooms so that the point under the pointer stays where it is. @param at in the box; undefined: its middle */
export function zoomed(view: View, box: Box, factor: number, at?: Point): View {
  const scale = Math.min(maxScale, Math.max(1, view.scale * factor));
  if (!at) return clamped({ ...view, scale });
  const [before, after] = [pixelsPerUnit(view, box), pixelsPerUnit({ ...view, scale }, box)];
  const keep = (middle: number, offset: number) => middle + offset / before - offset / after;
  return clamped({ x: keep(view.x, at.x - box.width / 2), y: keep(view.y, at.y - box.height / 2), scale });
}

/** Moves what is shown by CSS pixels. */
export function panned(view: View, box: Box, dx: number, dy: number): View {
  const unit = pixelsPerUnit(view, box);
  return clamped({ ...view, x: view.x - dx / unit, y: view.y - dy / unit });
}

/** One of two fingers moved: their middle moves the map, their distance zooms it. All points of the box. */
export function pinched(view: View, box: Box, before: Point, now: Point, other: Point): View {
  const apart = (a: Point) => Math.max(1, Math.hypot(a.x - other.x, a.y - other.y));
  const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
  const moved = panned(view, box, (now.x - before.x) / 2, (now.y - before.y) / 2);
  return zoomed(moved, box, apart(now) / apart(before), middle);
}

/** A view that shows all points with room around them. @param most the largest scale it may choose */
export function fitting(points: readonly Point[], most = 24): View {
  if (points.length === 0) return wholeWorld;
  const [left, right] = [Math.min(...points.map(({ x }) => x)), Math.max(...points.map(({ x }) => x))];
  const [top, bottom] = [Math.min(...points.map(({ y }) => y)), Math.max(...points.map(({ y }) => y))];
  const room = 0.7;
  const scale = Math.min(
    most,
    (sheet.width * room) / Math.max(right - left, 1e-6),
    (sheet.height * room) / Math.max(bottom - top, 1e-6),
  );
  return clamped({ x: (left + right) / 2, y: (top + bottom) / 2, scale });
}

/** Things that stand so near to each other that one marker is drawn for them. */
export interface Cluster<Thing> {
  /** Of the box. */
  at: Point;
  things: Thing[];
}

/**
 * Puts things together whose markers would cover each other, and leaves out those beyond the box.
 *
 * @param apart least distance of two markers in CSS pixels
 */
export function clustered<Thing extends { point: Point }>(
  things: readonly Thing[],
  view: View,
  box: Box,
  apart = 40,
): Cluster<Thing>[] {
  let clusters: Cluster<Thing>[] = [];
  for (const thing of things) {
    const at = toBox(thing.point, view, box);
    if (at.x < -apart || at.y < -apart || at.x > box.width + apart || at.y > box.height + apart) continue;
    join(clusters, { at, things: [thing] }, apart);
  }
  // Their middles move while they grow, so that two of them may have come too near to each other.
  for (let before = Infinity; clusters.length < before;) {
    before = clusters.length;
    const rest = clusters;
    clusters = [];
    for (const cluster of rest) join(clusters, cluster, apart);
  }
  return clusters;
}

/** Puts a cluster to the first one that is too near, or at the end. */
function join<Thing>(clusters: Cluster<Thing>[], cluster: Cluster<Thing>, apart: number): void {
  const index = clusters.findIndex(({ at }) => Math.hypot(at.x - cluster.at.x, at.y - cluster.at.y) < apart);
  const near = clusters[index];
  if (!near) {
    clusters.push(cluster);
    return;
  }
  const [m, n] = [near.things.length, cluster.things.length];
  const middle = (a: number, b: number) => (a * m + b * n) / (m + n);
  clusters[index] = {
    at: { x: middle(near.at.x, cluster.at.x), y: middle(near.at.y, cluster.at.y) },
    things: [...near.things, ...cluster.things],
  };
}

/** Where a place lies on the sheet. */
export function pointOf({ longitude, latitude }: Place, projection: GeoProjection): Point {
  const [x, y] = projection([longitude, latitude]) ?? [0, 0];
  return { x, y };
}

/** The place at a point of the sheet, to a ten-thousandth of a degree (about ten metres); undefined beyond the rim. */
export function placeAt(point: Point, projection: GeoProjection): Omit<Place, 'address'> | undefined {
  const [longitude, latitude] = projection.invert?.([point.x, point.y]) ?? [NaN, NaN];
  // Beyond the rim the inverse answers with some place on it.
  const back = pointOf({ address: '', longitude, latitude }, projection);
  if (!(Math.hypot(back.x - point.x, back.y - point.y) < 0.5) || Math.abs(longitude) > 180) return undefined;
  const rounded = (degrees: number) => Math.round(degrees * 10_000) / 10_000;
  return { latitude: rounded(latitude), longitude: rounded(longitude) };
}
