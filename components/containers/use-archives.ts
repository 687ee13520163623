'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { ProblemReport } from '@/server/problem';
import { problemOf } from '../api/problem-of';
import { newRequestKey } from '../api/request-key';
import { useTRPC, useTRPCClient } from '../api/trpc-provider';
import { useLeaveWarning } from '../api/use-leave-warning';
import { planArchive, type ArchivePlan } from './archive-plan';
import { readArchive } from './read-archive';
import { sendArchive, type ArchiveSending } from './send-archive';

export type ArchivePhase =
  'reading' | 'asking' | 'sending' | 'waiting' | 'paused' | 'sent' | 'there' | 'failed';

/** An archive that somebody gave, and how far it is. */
export interface Archive {
  id: string;
  file: File;
  phase: ArchivePhase;
  sent: number;
  /** Images that are here already. */
  there: ArchivePlan['there'];
  /** The server's id of the upload, once it is over. */
  uploadId: string | undefined;
  problem: ProblemReport | undefined;
}

export interface Archives {
  list: readonly Archive[];
  add: (files: readonly File[]) => void;
  /** Answers the phase `asking`. */
  name: (id: string, name: string) => void;
  pause: (id: string) => void;
  resume: (id: string) => void;
  /** Stops and forgets it, here and at the server. */
  cancel: (id: string) => void;
  dismiss: (id: string) => void;
}

/** Archives on their way into a project: looked into first, sent only when something of them is not there yet. */
export function useArchives(projectId: string): Archives {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const [list, setList] = useState<readonly Archive[]>([]);
  const sendings = useRef(new Map<string, ArchiveSending>());
  const left = useRef(new AbortController());
  const change = (id: string, next: Partial<Archive>) =>
    setList((before) => before.map((each) => (each.id === id ? { ...each, ...next } : each)));
  useStopOnLeave(left, sendings);
  useLeaveWarning(list.some(({ phase }) => phase === 'sending' || phase === 'waiting'));

  const begin = async (id: string, file: File, name: string) => {
    const { signal } = left.current;
    const glance = await readArchive(file, signal);
    const digests = [...new Set(glance.images.flatMap((image) => image.digests))];
    const known = digests.length === 0 ? [] : await client.containers.known.query({ projectId, digests });
    const plan = planArchive(glance, known, name);
    if (plan.needsName && name === '') return change(id, { phase: 'asking' });
    if (!plan.allThere) return send(id, file, name);
    for (const each of plan.adopt) await client.containers.adopt.mutate({ projectId, ...each });
    await queries.invalidateQueries(trpc.containers.pathFilter());
    return change(id, { phase: 'there', there: plan.there });
  };
  const send = async (id: string, file: File, name: string) => {
    const sending = await sendArchive(file, projectId, name, {
      onProgress: (sent) => change(id, { phase: 'sending', sent }),
      onWaiting: () => change(id, { phase: 'waiting' }),
      onFailed: (problem) => change(id, { phase: 'failed', problem }),
      onDone: (uploadId) => {
        change(id, { phase: 'sent', uploadId });
        void queries.invalidateQueries(trpc.containers.pathFilter());
      },
    });
    if (left.current.signal.aborted) return;
    sendings.current.set(id, sending);
    change(id, { phase: 'sending' });
    sending.start();
  };
  const run = (id: string, file: File, name = '') => {
    change(id, { phase: 'reading', problem: undefined });
    begin(id, file, name).catch((error: unknown) =>
      change(id, { phase: 'failed', problem: problemOf(error) }),
    );
  };
  const drop = (id: string) => {
    sendings.current.delete(id);
    setList((before) => before.filter((each) => each.id !== id));
  };
  const fileOf = (id: string) => list.find((each) => each.id === id)?.file;

  return {
    list,
    add: (files) => {
      for (const file of files) {
        const id = newRequestKey();
        setList((before) => [...before, { ...fresh, id, file }]);
        run(id, file);
      }
    },
    name: (id, name) => {
      const file = fileOf(id);
      if (file) run(id, file, name);
    },
    pause: (id) => {
      sendings.current.get(id)?.pause();
      change(id, { phase: 'paused' });
    },
    resume: (id) => {
      const sending = sendings.current.get(id);
      const file = fileOf(id);
      if (sending) {
        change(id, { phase: 'sending', problem: undefined });
        sending.start();
      } else if (file) run(id, file);
    },
    cancel: (id) => {
      sendings.current
        .get(id)
        ?.cancel()
        .catch(() => undefined);
      drop(id);
    },
    dismiss: drop,
  };
}

const fresh = {
  phase: 'reading',
  sent: 0,
  there: [],
  uploadId: undefined,
  problem: undefined,
} as const satisfies Partial<Archive>;

/** Leaving the page pauses: what was sent stays on the server, and the same file goes on from there. */
function useStopOnLeave(
  left: React.RefObject<AbortController>,
  sendings: React.RefObject<ReadonlyMap<string, ArchiveSending>>,
): void {
  useEffect(() => {
    const stop = new AbortController();
    left.current = stop;
    const running = sendings.current;
    return () => {
      stop.abort();
      for (const sending of running.values()) sending.pause();
    };
  }, [left, sendings]);
}
