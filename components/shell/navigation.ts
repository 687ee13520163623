import { Boxes, Container, Disc3, Hammer, RadioTower, Settings, type LucideIcon } from 'lucide-react';
import type { Role } from '@/server/access/actor';
import { plays, type RoomName, type Rooms } from '@/server/rooms';

/** Who the page is for, as the server layout found out. */
export interface Visitor {
  /** undefined for a guest */
  userId: string | undefined;
  name: string;
  role: Role;
  /** The rooms that this process plays. */
  played: readonly RoomName[];
}

/** A room of the house, as the navigation shows it. */
export interface Room {
  /** Message key `shell.rooms.<name>`. */
  name: 'workbench' | 'images' | 'registry' | 'store' | 'operations' | 'admin';
  href: string;
  /** Where else its pages are. */
  also?: string;
  icon: LucideIcon;
  /** The rooms of a process that has its pages. */
  of: Rooms;
  /** The roles that have something to do there. */
  roles: readonly Role[];
  /** Key that goes there after `g`. */
  key: string;
}

const everyone: readonly Role[] = ['guest', 'developer', 'operator', 'admin'];
const users: readonly Role[] = ['developer', 'operator', 'admin'];

export const rooms: readonly Room[] = [
  { name: 'workbench', href: '/projects', of: ['workbench'], icon: Hammer, roles: users, key: 'p' },
  { name: 'images', href: '/images', of: ['workbench', 'operations'], icon: Disc3, roles: users, key: 'i' },
  { name: 'registry', href: '/registries', of: 'always', icon: Container, roles: users, key: 'r' },
  { name: 'store', href: '/store', of: ['store'], icon: Boxes, roles: everyone, key: 's' },
  {
    name: 'operations',
    href: '/operations',
    also: '/deployments',
    of: ['operations'],
    icon: RadioTower,
    roles: users,
    key: 'o',
  },
  { name: 'admin', href: '/admin', of: 'always', icon: Settings, roles: ['admin'], key: 'a' },
];

/** The pages of administration; message keys `access.admin.<name>`. */
export const adminSections = [
  'users',
  'tokens',
  'sites',
  'registries',
  'tools',
  'audit',
  'settings',
] as const;

/** The pages of operations; message keys `edgePages.tabs.<name>`. */
export const operationsSections = [
  { name: 'overview', href: '/operations', exact: true },
  { name: 'releases', href: '/operations/releases' },
  { name: 'distributions', href: '/operations/distributions' },
  { name: 'deployments', href: '/deployments' },
  { name: 'edges', href: '/operations/edges' },
  { name: 'stores', href: '/operations/stores' },
] as const;

/** The rooms that a visitor may enter here. */
export function roomsFor({ role, played }: Pick<Visitor, 'role' | 'played'>): Room[] {
  return rooms.filter((room) => room.roles.includes(role) && plays(played, room.of));
}

/** Whether an address lies in a room. */
export function isInRoom(path: string, room: Room): boolean {
  return [room.href, room.also].some(
    (href) => href !== undefined && (path === href || path.startsWith(`${href}/`)),
  );
}
