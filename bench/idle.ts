import { setTimeout as wait } from 'node:timers/promises';
import { removeDataDir, startServer } from '../e2e/stacks/edgeyard';
import type { Measure } from './measure';
import { residentMB } from './process';

/** What the server costs while nobody uses it, half a minute after its first pages were drawn. */
export async function measureIdle(guestsDir: string): Promise<Measure[]> {
  const server = await startServer({ environment: { EDGEYARD_GUESTS: guestsDir } });
  try {
    for (const path of ['/store', '/sign-in', '/api/openapi.json']) await fetch(new URL(path, server.url));
    await wait(30_000);
    const memory = residentMB(server.pid);
    return [
      {
        work: 'idle server, resident memory (MB)',
        ours: `${memory.toFixed(0)} MB`,
        theirs: '16 GB',
        ratio: memory,
        target: { atMost: 300 },
      },
    ];
  } finally {
    await server.stop();
    removeDataDir(server.dataDir);
  }
}
