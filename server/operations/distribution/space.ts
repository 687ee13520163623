/** Whether what is to move has room where it goes. */
import { Problem } from '../../problem';
import type { EdgeView } from '../edges/schemas';
import type { CellKey, DistributionRows } from './distribution-rows';
import type { DistributionPorts } from './ports';
import { freeOf } from './stands';

/**
 * Refuses a cell that its edge has not the space for, before anything is sent; not where somebody said to send it
 * anyway, nor at an edge that does not tell what is free. What the edge told last is enough to let it go; to refuse, it
 * is looked at anew.
 *
 * @param bytes that are to move
 * @throws Problem `no_space` with both figures
 */
export async function requireSpace(
  { ports, rows }: { ports: Pick<DistributionPorts, 'sync' | 'edges'>; rows: DistributionRows },
  key: CellKey,
  edge: EdgeView,
  bytes: number,
  signal: AbortSignal,
): Promise<void> {
  const remembered = freeOf(edge);
  if (remembered === null || rows.cell(key)?.anyway === true) return;
  // What came there since it told is not in it, and of what came meanwhile a part may be.
  if (bytes <= remembered - rows.movedSince(edge.id, edge.capacityAt ?? 0)) return;
  const now = await ports.edges.check(edge.id, signal);
  const free = freeOf(now);
  // What it cannot tell now is no reason to refuse.
  if (free === null || now.capacityAt === edge.capacityAt || bytes <= free) return;
  const { name, version } = ports.sync.release(key.releaseId);
  const figures = { needed: bytes, free: Math.floor(free) };
  throw new Problem('no_space', 'distribution.errors.noSpace', {
    name,
    version,
    edge: edge.name,
    ...figures,
  });
}
