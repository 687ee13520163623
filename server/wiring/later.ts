import type { Containers } from '../containers/containers';
import type { Operations } from '../operations/operations';
import type { Sites } from '../sites/sites';
import type { Workbench } from '../workbench/workbench';

/** Rooms that earlier ones ask as soon as something happens: who may see an image, what uses a site. */
interface LaterRooms {
  sites: Sites;
  workbench: Workbench;
  containers: Containers;
  operations: Operations;
}

export interface Later {
  /** Makes a room known to the rooms that were built before it. */
  add(rooms: Partial<LaterRooms>): void;
  /** @throws Error for a room that is not built yet: nothing may ask it while the house is being built */
  get<Name extends keyof LaterRooms>(name: Name): LaterRooms[Name];
}

/** Keeps the rooms that others reach through functions, since each needs the other. */
export function openLater(): Later {
  const rooms: Partial<LaterRooms> = {};
  return {
    add: (more) => {
      Object.assign(rooms, more);
    },
    get: (name) => {
      const room = rooms[name];
      if (!room) throw new Error(`The room ${name} was asked before it was built.`);
      return room;
    },
  };
}
