import { constants } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '../db/id';
import type { BuiltInImage } from './images';
import type { ImageRow } from './image-rows';
import { moveIn, storedPath, verifyStored } from './stored';
import type { ImageRoom } from './take-in';

/**
 * Takes the guest images in that were built on this machine. One that is here already, by digest, only has its facts
 * brought up to date; an older build of the same guest goes, unless something uses it.
 *
 * @throws Problem when a file is damaged
 */
export async function importBuiltIn(
  room: ImageRoom,
  guests: readonly BuiltInImage[],
  signal: AbortSignal,
): Promise<void> {
  for (const guest of guests) {
    const facts = await verifyStored(guest.path, 'qcow2', { signal });
    const mine = builds(room, guest.os);
    const same = mine.find((row) => row.digest === facts.digest && row.state === 'ready');
    const said = {
      name: guest.name,
      os: guest.os,
      login: guest.login,
      cloudInit: guest.cloudInit,
      minMemoryMiB: guest.minMemoryMiB,
      minDiskGiB: Math.max(guest.minDiskGiB, Math.ceil(facts.virtualSize / 2 ** 30)),
    };
    if (!same) {
      const id = newId('img');
      const copy = join(room.folders.work, `${id}.qcow2`);
      // A copy-on-write file system makes this free.
      await copyFile(guest.path, copy, constants.COPYFILE_FICLONE);
      await moveIn(room.folders, id, copy, facts);
      room.rows.insert({
        ...said,
        ...facts,
        id,
        architecture: 'x86_64',
        state: 'ready',
        source: { kind: 'built-in', guest: guest.os },
        visibility: 'everyone',
      });
    } else if (Object.entries(said).some(([key, value]) => same[key as keyof ImageRow] !== value)) {
      room.rows.update(same.id, said);
    }
    await dropOldBuilds(
      room,
      mine.filter((row) => row.id !== same?.id),
    );
  }
}

function builds(room: ImageRoom, os: string): ImageRow[] {
  return room.rows
    .all({ source: 'built-in' })
    .filter(({ source }) => source.kind === 'built-in' && source.guest === os);
}

async function dropOldBuilds(room: ImageRoom, old: readonly ImageRow[]): Promise<void> {
  for (const row of old) {
    if (room.ports.usesOf(row.id).length > 0) continue;
    room.rows.remove(row.id);
    room.wentAway(row);
    await rm(storedPath(room.folders, row.id, 'qcow2'), { force: true });
  }
}
