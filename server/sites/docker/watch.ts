/** Follows what happens on a Docker host, and notices when it stops answering. */
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { asProblem, type Problem } from '../../problem';
import { engineProblem, type Engine } from './engine';
import { labels } from './labels';

interface Listener {
  changed(workloadId: string): void;
  /** With the reason when it stops answering, with undefined when it answers again. */
  trouble(problem: Problem | undefined): void;
}

export interface Watch {
  start(): void;
  stop(): Promise<void>;
}

/** Milliseconds before a broken stream is opened anew; doubled for each further time. */
const firstRetryMs = 1_000;
const maxRetryMs = 30_000;

/** The engine's stream of events, opened anew whenever it breaks. */
export function watchEngine(engine: Engine, listener: Listener): Watch {
  const ending = new AbortController();
  let running: Promise<void> | undefined;
  const run = async () => {
    let tries = 0;
    let inTrouble = false;
    while (!ending.signal.aborted) {
      try {
        await followEvents(engine, ending.signal, listener, () => {
          tries = 0;
          if (inTrouble) listener.trouble(undefined);
          inTrouble = false;
        });
      } catch (error) {
        if (ending.signal.aborted) return;
        // One that ends its stream may only be restarting: the second failure in a row is told.
        if (tries > 0 && !inTrouble) {
          inTrouble = true;
          listener.trouble(asProblem(engineProblem(error, engine.at)));
        }
      }
      const waitMs = Math.min(maxRetryMs, firstRetryMs * 2 ** tries++);
      await pause(waitMs, undefined, { signal: ending.signal, ref: false }).catch(() => undefined);
    }
  };
  return {
    start: () => {
      running ??= run();
    },
    stop: async () => {
      ending.abort();
      await running;
    },
  };
}

async function followEvents(
  engine: Engine,
  signal: AbortSignal,
  listener: Listener,
  opened: () => void,
): Promise<void> {
  // The engine sends nothing while nothing happens, so that an answer of its own proves that it is there.
  await engine.docker.ping();
  opened();
  const stream = await engine.docker.getEvents({ filters: { label: [labels.workload] } });
  const end = () => (stream as Readable).destroy();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    const ids = lines.flatMap((line) => (line.trim() === '' ? [] : (workloadIn(line) ?? [])));
    for (const id of new Set(ids)) listener.changed(id);
  }
}

function workloadIn(line: string): string | undefined {
  const event = JSON.parse(line) as { Actor?: { Attributes?: Record<string, string> } };
  return event.Actor?.Attributes?.[labels.workload];
}
