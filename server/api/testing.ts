import { readConfig } from '../config';
import type { House } from '../house';
import { Problem } from '../problem';

/** Stands for any room: every function in it, however deep, refuses with `not_found`. */
export const hollowRoom: object = new Proxy(() => undefined, {
  get: (_, name) => (name === 'then' || typeof name === 'symbol' ? undefined : hollowRoom),
  apply: () => {
    throw new Problem('not_found', 'problems.noSuchPath');
  },
});

/**
 * A house with some rooms, all others hollow: a request that gets into one has passed everything before it.
 *
 * @param rooms the rooms that are real
 */
export function houseWith(rooms: Partial<House>): House {
  const config = readConfig({ EDGEYARD_DATA: '/nonexistent', EDGEYARD_LOG: 'silent' });
  return new Proxy<Partial<House>>(
    { config, ...rooms },
    {
      get: (real, name) => (Reflect.get(real, name) as unknown) ?? hollowRoom,
    },
  ) as House;
}
