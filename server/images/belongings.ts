import { rm } from 'node:fs/promises';
import type { ImageRow } from './image-rows';
import { proofPicture } from './boot-test';
import { storedPath } from './stored';
import { piecesPath } from './taken/held-pieces';
import type { ImageRoom } from './take-in';

/** An image that goes when its project goes. */
interface ImageBelonging {
  type: 'vm' | 'image' | 'package';
  id: string;
  name: string;
  /** Bytes. */
  size: number | undefined;
}

/** The images room's part in deleting a project. */
export interface ImageBelongings {
  /** Images for the project's members only, unless something outside the project uses them. */
  list(projectId: string): ImageBelonging[];
  /** Removes one, and ends the job that works on it; one that is gone is fine. */
  remove(belonging: { id: string }, signal: AbortSignal): Promise<void>;
}

/** @param discard removes what has come of an unfinished upload */
export function imageBelongings(room: ImageRoom, discard: (id: string) => void): ImageBelongings {
  const { ports, rows } = room;
  const goes = (row: ImageRow) =>
    row.visibility === 'project' && ports.usesOf(row.id).every((use) => use.projectId === row.projectId);
  return {
    list: (projectId) =>
      rows
        .all({ projectId })
        .filter(goes)
        .map(({ id, name, size }) => ({ type: 'image', id, name, size })),
    async remove({ id }, signal) {
      for (const job of ports.jobs.list({ subject: { type: 'image', id }, states: ['queued', 'running'] })) {
        ports.jobs.cancel(job.id);
        await ports.jobs.settled(job.id, signal);
      }
      await removeImage(room, id);
      discard(id);
    },
  };
}

/** Removes an image's row, its file and the pictures of its boots. One that is gone is fine. */
export async function removeImage(room: ImageRoom, id: string): Promise<void> {
  const { rows, folders } = room;
  const row = rows.find(id);
  const proofs = rows.proofs(id);
  rows.remove(id);
  if (row) room.wentAway(row);
  if (row?.format) await rm(storedPath(folders, id, row.format), { force: true });
  if (row?.source.kind === 'registry') await rm(piecesPath(folders, id), { force: true });
  await Promise.all(proofs.map((proof) => rm(proofPicture(folders.proofs, proof.id), { force: true })));
}
