import { z } from 'zod';
import { labels as labelsSchema, type EdgeView, type UpdateEdge } from '@/server/operations/edges/schemas';

const messages = {
  both: 'edgePages.place.rules.both',
  latitude: 'edgePages.place.rules.latitude',
  longitude: 'edgePages.place.rules.longitude',
  labels: 'edgePages.place.rules.labels',
};

/** A coordinate as people type it: a comma is a decimal point, nothing is nothing. */
function degrees(text: string): number | undefined {
  const trimmed = text.trim().replace(',', '.');
  return trimmed === '' ? undefined : Number(trimmed);
}

/** The page's form of where an edge stands and how it is labelled. Messages are full message keys. */
export const placeForm = z
  .object({
    address: z.string().trim().max(200),
    latitude: z.string(),
    longitude: z.string(),
    /** One a line, `key=value` or `key`. */
    labels: z.string(),
  })
  .superRefine(({ latitude, longitude, labels }, context) => {
    const refuse = (path: string, message: string) => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    const [north, east] = [degrees(latitude), degrees(longitude)];
    if (north === undefined && east !== undefined) refuse('latitude', messages.both);
    if (north !== undefined && east === undefined) refuse('longitude', messages.both);
    if (north !== undefined && !(Math.abs(north) <= 90)) refuse('latitude', messages.latitude);
    if (east !== undefined && !(Math.abs(east) <= 180)) refuse('longitude', messages.longitude);
    if (!labelsSchema.safeParse(readLabels(labels)).success) refuse('labels', messages.labels);
  });
export type PlaceForm = z.infer<typeof placeForm>;

/** What the form begins with. */
export function placeFormOf({ place, labels }: Pick<EdgeView, 'place' | 'labels'>): PlaceForm {
  return {
    address: place?.address ?? '',
    latitude: place ? String(place.latitude) : '',
    longitude: place ? String(place.longitude) : '',
    labels: Object.entries(labels)
      .map(([key, value]) => (value === '' ? key : `${key}=${value}`))
      .join('\n'),
  };
}

/** What is saved: without coordinates the edge has no place. */
export function changeOf({ address, latitude, longitude, labels }: PlaceForm): UpdateEdge {
  const [north, east] = [degrees(latitude), degrees(longitude)];
  return {
    labels: readLabels(labels),
    place: north === undefined || east === undefined ? null : { address, latitude: north, longitude: east },
  };
}

function readLabels(text: string): Record<string, string> {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [line, ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}
