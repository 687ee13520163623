/** Which rooms a process plays: one may be a store alone, or an operations centre alone. */

export const roomNames = ['workbench', 'store', 'operations'] as const;
export type RoomName = (typeof roomNames)[number];

/** Rooms of which one is enough, or `always`: what every process needs to be run. */
export type Rooms = readonly RoomName[] | 'always';

/**
 * Whether a process plays one of some rooms.
 *
 * @param played the rooms of its configuration
 */
export function plays(played: readonly RoomName[], rooms: Rooms): boolean {
  return rooms === 'always' || rooms.some((room) => played.includes(room));
}
