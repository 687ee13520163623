import { geoGraticule, geoPath } from 'd3-geo';
import { feature, mesh } from 'topojson-client';
import { worldProjection } from './view';

type Topology = Parameters<typeof mesh>[0];
type Borders = Parameters<typeof mesh>[1];

/** What the map is drawn of: SVG paths on the sheet. */
export interface Shapes {
  land: string;
  borders: string;
}

/** Above this scale the coarse coast lines look like a child's drawing. */
export const fineFrom = 4;

const coarse = async () => draw((await import('world-atlas/countries-110m.json')).default, 1);
const fine = async () => draw((await import('world-atlas/countries-50m.json')).default, 2);

const loading: { coarse?: Promise<Shapes>; fine?: Promise<Shapes> } = {};

/** Natural Earth's land and borders, drawn once: as seen from afar, or from nearby, which is seven times the data. */
export function shapes(detail: 'coarse' | 'fine'): Promise<Shapes> {
  if (detail === 'coarse') return (loading.coarse ??= coarse());
  return (loading.fine ??= fine());
}

/** The rim of the world and its lines of longitude and latitude. */
export function globe(): { rim: string; lines: string } {
  const path = geoPath(worldProjection()).digits(1);
  return { rim: path({ type: 'Sphere' }) ?? '', lines: path(geoGraticule().step([20, 20])()) ?? '' };
}

function draw(topology: Topology, digits: number): Shapes {
  const { land, countries } = topology.objects;
  if (land === undefined || countries?.type !== 'GeometryCollection')
    throw new Error('The atlas has no land or no countries.');
  const path = geoPath(worldProjection()).digits(digits);
  return {
    land: path(feature(topology, land)) ?? '',
    // Borders that two countries share; coasts are the land's.
    borders: path(mesh(topology, countries as Borders, (a, b) => a !== b)) ?? '',
  };
}
