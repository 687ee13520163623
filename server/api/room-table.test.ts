import { TRPCError } from '@trpc/server';
import { describe, expect, it } from 'vitest';
import { guest, scopes, type Actor } from '../access/actor';
import { readConfig } from '../config';
import { testDatabase } from '../db/testing';
import type { House } from '../house';
import { roomNames, type RoomName } from '../rooms';
import { isApiPath, requirePath, roomsOfPath, roomsOfRouter } from './room-table';
import { restApp } from './rest/app';
import { hollowRoom, houseWith } from './testing';
import { appRouter, createCaller } from './trpc/router';

const admin: Actor = { userId: 'user_root', name: 'root', role: 'admin', scopes, via: 'session' };
const houseOf = (...rooms: RoomName[]) =>
  houseWith({ config: readConfig({ EDGEYARD_DATA: '/nonexistent', EDGEYARD_ROLES: rooms.join(',') }) });

/** The key of what a path is refused with. */
function refusal(path: string, ...rooms: RoomName[]): string | undefined {
  try {
    requirePath(rooms, path);
    return undefined;
  } catch (error) {
    return (error as Error).message.split(' ')[0];
  }
}

const routers = [...new Set(Object.keys(appRouter._def.procedures).map((path) => path.split('.')[0] ?? ''))];

describe('every router', () => {
  it.each(routers)('%s has its rooms', (router) => {
    expect(roomsOfRouter[router]).toBeDefined();
  });

  it('of another room answers that it is elsewhere, to everybody alike', async () => {
    for (const actor of [guest, admin]) {
      const asked = createCaller({ house: houseOf('operations'), actor }).store.search({});
      const error = await asked.catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(TRPCError);
      expect(error).toMatchObject({
        code: 'NOT_FOUND',
        cause: { key: 'problems.roomElsewhere', params: { room: 'store', here: 'operations' } },
      });
    }
  });

  it('of its own room, or of none, answers', async () => {
    const caller = createCaller({ house: houseOf('store'), actor: admin });
    // The hollow rooms refuse whoever gets in.
    await expect(caller.store.search({})).rejects.toMatchObject({ cause: { key: 'problems.noSuchPath' } });
    await expect(caller.sites.list()).rejects.toMatchObject({ cause: { key: 'problems.noSuchPath' } });
  });
});

describe('every path of REST', () => {
  const access = new Proxy(hollowRoom, {
    get: (room, name) =>
      name === 'actorOf' ? () => Promise.resolve(guest) : (Reflect.get(room, name) as unknown),
  }) as House['access'];
  const app = restApp(houseWith({ access, db: testDatabase() }));
  const paths = [...new Set(app.routes.map(({ path }) => path).filter((path) => !path.includes('*')))];

  it.each(paths)('%s has its rooms, and is of the API', (path) => {
    const mine = Object.keys(roomsOfPath).filter((begin) => path === begin || path.startsWith(`${begin}/`));
    expect(mine).toHaveLength(1);
    expect(isApiPath(path)).toBe(true);
  });

  it('of another room is refused, and no other', () => {
    expect(refusal('/api/v1/store/apps', 'operations')).toBe('problems.roomElsewhere');
    expect(refusal('/mec/appstore/v1/apps', 'workbench', 'operations')).toBe('problems.roomElsewhere');
    expect(refusal('/api/v1/images/uploads/x', 'store')).toBe('problems.roomElsewhere');
    expect(refusal('/apm/v1/apps/sync', 'store')).toBe('problems.roomElsewhere');
    expect(refusal('/api/v1/images/uploads/x', 'operations')).toBeUndefined();
    expect(refusal('/api/v1/storefront', 'workbench')).toBeUndefined();
    for (const path of Object.keys(roomsOfPath)) expect(refusal(path, ...roomNames)).toBeUndefined();
  });
});
