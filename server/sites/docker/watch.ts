/** Follows what happens to our containers on a Docker host. */
import type { Readable } from 'node:stream';
import { followSite, type Follow, type FollowListener } from '../follow';
import { engineProblem, type Engine } from './engine';
import { labels } from './labels';

/** The engine's stream of events, opened anew whenever it breaks. */
export function watchEngine(engine: Engine, listener: FollowListener): Follow {
  return followSite(listener, async (signal, opened) => {
    try {
      await followEvents(engine, signal, listener, opened);
    } catch (error) {
      throw engineProblem(error, engine.at);
    }
  });
}

async function followEvents(
  engine: Engine,
  signal: AbortSignal,
  listener: FollowListener,
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
