/** Which room each part of the API is of: a process that does not play it says so instead of answering. */
import { Problem } from '../problem';
import { plays, type RoomName, type Rooms } from '../rooms';

/** By the name of the tRPC router. */
export const roomsOfRouter: Readonly<Record<string, Rooms>> = {
  access: 'always',
  console: ['workbench', 'operations'],
  containers: ['workbench'],
  deployments: ['operations'],
  distributions: ['operations'],
  edges: ['operations'],
  files: ['workbench'],
  // An edge on this machine keeps its disk images there.
  images: ['workbench', 'operations'],
  jobs: 'always',
  overview: ['operations'],
  packages: ['workbench', 'store'],
  registries: 'always',
  sites: 'always',
  store: ['store'],
  sync: ['operations'],
  tools: ['workbench'],
  workbench: ['workbench'],
};

/** By the beginning of the path, at whole segments. */
export const roomsOfPath: Readonly<Record<string, Rooms>> = {
  '/api/auth': 'always',
  '/api/openapi.json': 'always',
  '/api/registry': 'always',
  '/api/trpc': 'always', // By router, above.
  '/api/v1/audit': 'always',
  '/api/v1/container-images': ['workbench'],
  '/api/v1/containers': ['workbench'],
  '/api/v1/deployments': ['operations'],
  '/api/v1/distributions': ['operations'],
  '/api/v1/edges': ['operations'],
  '/api/v1/events': 'always',
  '/api/v1/images': ['workbench', 'operations'],
  '/api/v1/jobs': 'always',
  '/api/v1/me': 'always',
  '/api/v1/packages': ['workbench', 'store'],
  '/api/v1/placements': ['operations'],
  '/api/v1/projects': ['workbench'],
  '/api/v1/registries': 'always',
  '/api/v1/releases': ['operations'],
  '/api/v1/sites': 'always',
  '/api/v1/stacks': ['workbench', 'operations'],
  '/api/v1/store': ['store'],
  '/api/v1/stores': ['operations'],
  '/api/v1/sync': ['operations'],
  '/api/v1/test-deployment-targets': ['workbench'],
  '/api/v1/test-deployments': ['workbench'],
  '/api/v1/tokens': 'always',
  '/api/v1/users': 'always',
  '/api/v1/vms': ['workbench'],
  '/apm': ['operations'],
  '/appo': ['operations'],
  '/inventory': ['operations'],
  '/mec/appstore': ['store'],
  '/mec/developer': ['workbench'],
};

const beginnings = Object.entries(roomsOfPath);

/** Whether the API answers a path; every other one is a page. */
export function isApiPath(path: string): boolean {
  return /^\/(api|mec|apm|appo|inventory)\//.test(path);
}

/** @throws Problem `not_found` for a router of a room that this process does not play */
export function requireRouter(played: readonly RoomName[], router: string): void {
  requireRooms(played, roomsOfRouter[router] ?? 'always');
}

/** @throws Problem `not_found` for a path of a room that this process does not play */
export function requirePath(played: readonly RoomName[], path: string): void {
  const [, rooms] = beginnings.find(([begin]) => path === begin || path.startsWith(`${begin}/`)) ?? [];
  requireRooms(played, rooms ?? 'always');
}

function requireRooms(played: readonly RoomName[], rooms: Rooms): void {
  if (rooms === 'always' || plays(played, rooms)) return;
  throw new Problem('not_found', 'problems.roomElsewhere', {
    room: rooms.join(', '),
    here: played.join(', '),
  });
}
