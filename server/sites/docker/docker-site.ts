import type Docker from 'dockerode';
import type { Log } from '../../log';
import { Problem } from '../../problem';
import { followListeners } from '../follow';
import type { WorkloadSite } from '../site';
import type { WorkloadEvent } from '../workloads';
import { readCapacity } from './capacity';
import { deployOn, removeFrom } from './deploy';
import { asked, isNewEnough, oldestApi, openEngine } from './engine';
import { imageCache } from './images';
import { labels, ofWorkload } from './labels';
import type { DockerAccess } from './login';
import { readLogs } from './logs';
import { readStatus } from './status';
import { watchEngine } from './watch';

export interface DockerSiteOptions {
  id: string;
  name: string;
  access: DockerAccess;
  log: Pick<Log, 'warn'>;
}

/**
 * A Docker host as a site: a workload is the containers that carry its id. Nothing of them is kept here, so that another
 * process finds the same.
 */
export function openDockerSite({ id, name, access, log }: DockerSiteOptions): WorkloadSite {
  const engine = openEngine(access);
  const { told, doors } = followListeners(id, log);
  const watch = watchEngine(engine, told);
  return {
    id,
    kind: 'docker',
    name,
    imageCache: imageCache(engine),
    capacity: ({ signal }) => readCapacity(engine, signal),
    workloads: {
      deploy: (spec, call) => deployOn(engine, spec, call),
      status: (workloadId, { signal }) => readStatus(engine, workloadId, signal),
      events: (workloadId, { signal }) => readEvents(engine.docker, engine.at, workloadId, signal),
      logs: (workloadId, part, container, call) => readLogs(engine, { workloadId, part, container }, call),
      remove: (workloadId, { signal }) => removeFrom(engine, workloadId, signal),
    },
    async open() {
      const { ApiVersion } = await asked(engine, undefined, engine.docker.version());
      if (!isNewEnough(ApiVersion)) {
        const params = { at: engine.at, version: ApiVersion, needed: oldestApi };
        throw new Problem('failed', 'workloads.errors.oldEngine', params);
      }
      watch.start();
    },
    close: async () => {
      await watch.stop();
      engine.close();
    },
    ...doors,
  };
}

interface EngineEvent {
  Action: string;
  timeNano: number;
  Actor: { Attributes: Record<string, string> };
}

/** What the engine remembers of a workload: a few hundred events of the host in all. */
async function readEvents(
  docker: Docker,
  at: string,
  workloadId: string,
  signal: AbortSignal | undefined,
): Promise<WorkloadEvent[]> {
  const until = Math.floor(Date.now() / 1000);
  const options = { since: 0, until, filters: { ...ofWorkload(workloadId), type: ['container' as const] } };
  const stream = await asked({ at }, signal, docker.getEvents(options));
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => eventOf(JSON.parse(line) as EngineEvent));
}

function eventOf({ Action, timeNano, Actor: { Attributes: of } }: EngineEvent): WorkloadEvent {
  const [reason = Action, ...rest] = Action.split(': ');
  const code = of.exitCode;
  const failed = (reason === 'die' && code !== '0') || reason === 'oom' || /unhealthy/.test(Action);
  const about = `${of[labels.part] ?? ''}/${of[labels.container] ?? of.name ?? ''}`;
  const words = [...rest, ...(code === undefined ? [] : [`exit code ${code}`]), of.image ?? ''];
  return {
    at: Math.round(timeNano / 1e6),
    about,
    warning: failed,
    reason,
    message: words.filter(Boolean).join(', '),
  };
}
