/** What is kept of each stack, so that it is known again after a restart. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const record = z.object({
  version: z.literal(1),
  /** The deployment's id. */
  ref: z.string(),
  name: z.string(),
  phase: z.enum(['creating', 'made', 'deleting']),
  vms: z.array(z.object({ node: z.string(), name: z.string(), vmId: z.string(), imageId: z.string() })),
  events: z.array(
    z.object({
      id: z.string(),
      at: z.number(),
      resource: z.string(),
      status: z.string(),
      reason: z.string(),
    }),
  ),
});
export type StackRecord = z.infer<typeof record>;

/** The records of a site's stacks. */
export interface StackRecords {
  /** Reads what an earlier process kept. */
  open(): Promise<void>;
  all(): StackRecord[];
  get(ref: string): StackRecord | undefined;
  /** Resolves once it is kept. */
  put(record: StackRecord): Promise<void>;
  remove(ref: string): Promise<void>;
}

/** Records that last as long as the process: for tests. */
export function memoryRecords(): StackRecords {
  const records = new Map<string, StackRecord>();
  return {
    open: async () => undefined,
    all: () => [...records.values()],
    get: (ref) => records.get(ref),
    put: async (each) => void records.set(each.ref, each),
    remove: async (ref) => void records.delete(ref),
  };
}

/**
 * Records as files, one for each stack; a reader sees the old or the new one, never half.
 *
 * @param dir absolute path; made with the first stack
 */
export function folderRecords(dir: string): StackRecords {
  const records = memoryRecords();
  const fileOf = (ref: string) => join(dir, `${ref}.json`);
  // One write at a time, so that an older one cannot come last.
  let writing: Promise<unknown> = Promise.resolve();
  const inTurn = (write: () => Promise<void>): Promise<void> => {
    const mine = writing.then(write, write);
    writing = mine;
    return mine;
  };
  return {
    ...records,
    async open() {
      for (const name of existsSync(dir) ? await readdir(dir) : []) {
        const read = name.endsWith('.json') ? await readRecord(join(dir, name)) : undefined;
        if (read) await records.put(read);
      }
    },
    async put(each) {
      await records.put(each);
      await inTurn(async () => {
        await mkdir(dir, { recursive: true, mode: 0o700 });
        await writeFile(`${fileOf(each.ref)}.new`, JSON.stringify(each, undefined, 1), { mode: 0o600 });
        await rename(`${fileOf(each.ref)}.new`, fileOf(each.ref));
      });
    },
    async remove(ref) {
      await records.remove(ref);
      await inTurn(() => rm(fileOf(ref), { force: true }));
    },
  };
}

async function readRecord(path: string): Promise<StackRecord | undefined> {
  try {
    return record.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}
