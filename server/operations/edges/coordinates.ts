/** EdgeGallery's `coordinates`: one text with both numbers. */
import type { Place } from './schemas';

/** @returns `longitude,latitude`, the order of the maps that EdgeGallery's pages draw */
export function coordinatesOf({ longitude, latitude }: Place): string {
  return `${longitude},${latitude}`;
}

/**
 * Where a host stands.
 *
 * @returns undefined for coordinates that are none: they were free text there
 */
export function placeOf(host: { coordinates: string; address: string; city: string }): Place | undefined {
  const numbers = host.coordinates
    .split(/[,;\s]+/)
    .filter((text) => text !== '')
    .map(Number);
  const [first, second] = numbers;
  if (first === undefined || second === undefined || numbers.length !== 2) return undefined;
  // A longitude may be beyond what any latitude is, which tells the two apart where they were sent the other way round.
  const [longitude, latitude] = Math.abs(second) > 90 ? [second, first] : [first, second];
  if (!(Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90)) return undefined;
  const address = [host.address, host.city].filter((text) => text.trim() !== '').join(', ');
  return { address: address.slice(0, 200), latitude, longitude };
}
