import { EventEmitter } from 'node:events';

/** Who may hear a notice. */
export type Audience =
  | { everyone: true }
  | { projectId: string }
  | { userId: string }
  | { role: 'developer' | 'operator' | 'admin' };

/** A small "this changed"; the data itself comes by ordinary queries. */
export interface Notice {
  topic:
    | 'job'
    | 'project'
    | 'vm'
    | 'screen'
    | 'files'
    | 'tools'
    | 'image'
    | 'containers'
    | 'package'
    | 'app'
    | 'site'
    | 'registries'
    | 'edge'
    | 'store'
    | 'syncedRelease'
    | 'distribution'
    | 'placement'
    | 'deployment'
    | 'users'
    | 'audit';
  /** Identifier of the thing that changed. */
  id: string;
  audience: Audience;
}

export interface Events {
  publish(notice: Notice): void;
  /** Calls the listener for every notice until the returned function is called. */
  subscribe(listener: (notice: Notice) => void): () => void;
}

/** The process-wide stream of notices. */
export function openEvents(): Events {
  const emitter = new EventEmitter();
  // One listener per open browser tab: there is no leak to warn about.
  emitter.setMaxListeners(0);
  return {
    publish: (notice) => {
      emitter.emit('notice', notice);
    },
    subscribe: (listener) => {
      emitter.on('notice', listener);
      return () => {
        emitter.off('notice', listener);
      };
    },
  };
}
