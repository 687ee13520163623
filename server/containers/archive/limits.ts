import type { KeyBelow } from '@/messages/messages';
import { Problem } from '../../problem';

/** What an archive from outside may hold; more is refused with the limit named. */
export const limits = {
  /** Entries of the tar. An image of 127 layers, the most that Docker makes, is below 400. */
  entries: 20_000,
  /** Bytes of a manifest or config: the registry takes 4 MiB. */
  documentBytes: 4 * 2 ** 20,
  /** Bytes of all manifests and configs together; they are held in memory. */
  documentsBytes: 32 * 2 ** 20,
  /** Bytes of a name, and of the extended headers of one entry. */
  headerBytes: 64 * 1024,
  /** Bytes of the archive, unpacked. */
  expandedBytes: 512 * 2 ** 30,
  /** How many times larger than what was sent the unpacked archive may be, beyond a floor. */
  expansion: 200,
  expansionFloor: 2 ** 30,
  /** Images in one archive. */
  images: 200,
  layers: 1000,
} as const;

/**
 * Refuses an archive.
 *
 * @param rule message key suffix: `containers.archive.<rule>` names the rule
 * @throws Problem `invalid`, always
 */
export function refuse(
  rule: KeyBelow<'containers.archive'>,
  params: Record<string, string | number> = {},
  cause?: unknown,
): never {
  throw new Problem('invalid', `containers.archive.${rule}`, params, { cause });
}
