import { describe, expect, it } from 'vitest';
import {
  clamped,
  clustered,
  fitting,
  panned,
  pinched,
  placeAt,
  pointOf,
  sheet,
  toBox,
  toSheet,
  wholeWorld,
  worldProjection,
  zoomed,
} from './view';

const box = { width: 800, height: 500 };
const projection = worldProjection();
const place = (latitude: number, longitude: number) =>
  pointOf({ address: '', latitude, longitude }, projection);

describe('map', () => {
  it('puts the middle of the world into the middle of the sheet, and the poles within it', () => {
    const middle = place(0, 0);
    expect(middle.x).toBeCloseTo(sheet.width / 2, 0);
    expect(middle.y).toBeCloseTo(sheet.height / 2, 0);
    expect(place(90, 0).y).toBeGreaterThanOrEqual(-1);
    expect(place(-90, 180).y).toBeLessThanOrEqual(sheet.height + 1);
    expect(place(52.5, 13.4).x).toBeGreaterThan(place(40.7, -74).x);
  });

  it('keeps the point under the pointer where it is while zooming', () => {
    const beijing = place(39.9, 116.4);
    const at = toBox(beijing, wholeWorld, box);
    const after = toBox(beijing, zoomed(wholeWorld, box, 4, at), box);
    expect(after.x).toBeCloseTo(at.x, 3);
    expect(after.y).toBeCloseTo(at.y, 3);
  });

  it('finds the place that was pressed', () => {
    const view = fitting([place(48.1, 11.6)]);
    const at = toBox(place(48.2, 11.7), view, box);
    expect(placeAt(toSheet(at, view, box), projection)).toEqual({ latitude: 48.2, longitude: 11.7 });
    expect(placeAt({ x: 0, y: 0 }, projection)).toBeUndefined();
  });

  it('zooms with two fingers around their middle', () => {
    const before = { x: 300, y: 250 };
    const other = { x: 500, y: 250 };
    const view = pinched(wholeWorld, box, before, { x: 200, y: 250 }, other);
    expect(view.scale).toBeCloseTo(1.5);
  });

  it('never leaves the sheet', () => {
    expect(panned(wholeWorld, box, 5000, 5000)).toEqual(wholeWorld);
    expect(clamped({ x: -50, y: 9999, scale: 2 })).toEqual({
      x: sheet.width / 4,
      y: (sheet.height * 3) / 4,
      scale: 2,
    });
    expect(zoomed(wholeWorld, box, 0.1)).toEqual(wholeWorld);
  });

  it('shows all of some places, and not only one house of them', () => {
    const places = [place(48.1, 11.6), place(53.5, 10), place(50.9, 6.9)];
    const view = fitting(places);
    for (const point of places) {
      const { x, y } = toBox(point, view, box);
      expect(x).toBeGreaterThan(0);
      expect(x).toBeLessThan(box.width);
      expect(y).toBeGreaterThan(0);
      expect(y).toBeLessThan(box.height);
    }
    expect(view.scale).toBeGreaterThan(5);
    expect(fitting([place(48.1, 11.6)]).scale).toBe(24);
    expect(fitting([])).toEqual(wholeWorld);
  });

  it('puts markers together that would cover each other, and parts them when there is room', () => {
    const things = [place(48.14, 11.58), place(48.37, 10.9), place(35.7, 139.7)].map((point) => ({ point }));
    expect(clustered(things, wholeWorld, box).map((each) => each.things.length)).toEqual([2, 1]);
    const near = fitting(
      things.slice(0, 2).map(({ point }) => point),
      200,
    );
    expect(clustered(things, near, box).map((each) => each.things.length)).toEqual([1, 1]);
  });

  it('leaves no two markers that cover each other, however many places there are', () => {
    const things = Array.from({ length: 300 }, (_, index) => ({
      point: place(30 + ((index * 7) % 30), 5 + ((index * 13) % 60)),
    }));
    const clusters = clustered(things, fitting(things.map(({ point }) => point)), box, 40);
    expect(clusters.reduce((sum, each) => sum + each.things.length, 0)).toBe(300);
    for (const a of clusters)
      for (const b of clusters)
        if (a !== b) expect(Math.hypot(a.at.x - b.at.x, a.at.y - b.at.y)).toBeGreaterThanOrEqual(40);
  });
});
