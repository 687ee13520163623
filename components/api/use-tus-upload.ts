'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import { Upload, type PreviousUpload } from 'tus-js-client';
import type { ProblemReport } from '@/server/problem';
import { problemOf } from './problem-of';
import { isWorthAnotherTry, problemOfUpload, unfinishedOf, uploadRetryDelays } from './tus-upload';

/** How an upload stands. */
interface TusUploadState {
  phase: 'idle' | 'sending' | 'waiting' | 'paused' | 'done' | 'failed';
  /** The file's name. */
  name: string;
  sent: number;
  total: number;
  /** The upload's id, once the server gave it. */
  id: string | undefined;
  problem: ProblemReport | undefined;
}

const idle: TusUploadState = {
  phase: 'idle',
  name: '',
  sent: 0,
  total: 0,
  id: undefined,
  problem: undefined,
};

/**
 * One resumable upload of a file: begun, paused, resumed after a cut or a reload, cancelled.
 *
 * @param path where it is sent to
 */
export function useTusUpload(path: string): {
  state: TusUploadState;
  start: (file: File, metadata: Record<string, string>) => void;
  pause: () => void;
  resume: () => void;
  /** @returns whether the server forgot it; else the state tells the problem */
  cancel: () => Promise<boolean>;
  reset: () => void;
} {
  const [state, setState] = useState(idle);
  const upload = useRef<Upload | undefined>(undefined);
  const change = useCallback((next: Partial<TusUploadState>) => {
    setState((before) => ({ ...before, ...next }));
  }, []);
  // Leaving the page pauses: what was sent stays on the server, and the same file goes on from there.
  useEffect(() => () => void upload.current?.abort(), []);

  const start = useCallback(
    (file: File, metadata: Record<string, string>) => {
      const sending = makeUpload(path, file, metadata, change);
      upload.current = sending;
      setState({ ...idle, phase: 'sending', name: file.name, total: file.size });
      const begin = async () => {
        const previous = unfinishedOf(await previousUploads(path, file), metadata);
        if (previous) sending.resumeFromPreviousUpload(previous);
        sending.start();
      };
      begin().catch((error: unknown) => change({ phase: 'failed', problem: problemOf(error) }));
    },
    [path, change],
  );
  const pause = useCallback(() => {
    void upload.current?.abort();
    change({ phase: 'paused' });
  }, [change]);
  const resume = useCallback(() => {
    upload.current?.start();
    change({ phase: 'sending', problem: undefined });
  }, [change]);
  const reset = useCallback(() => setState(idle), []);
  const cancel = useCallback(async () => {
    try {
      await upload.current?.abort(true);
      setState(idle);
      return true;
    } catch (error) {
      change({ phase: 'failed', problem: problemOfUpload(error) });
      return false;
    }
  }, [change]);
  return { state, start, pause, resume, cancel, reset };
}

/**
 * Unfinished uploads of the same file from this browser, whatever it was sent for.
 *
 * @param path where it was sent to
 */
export function previousUploads(path: string, file: File): Promise<PreviousUpload[]> {
  return new Upload(file, { endpoint: here(path) }).findPreviousUploads();
}

function makeUpload(
  path: string,
  file: File,
  metadata: Record<string, string>,
  change: (next: Partial<TusUploadState>) => void,
): Upload {
  const upload = new Upload(file, {
    endpoint: here(path),
    metadata,
    retryDelays: uploadRetryDelays,
    removeFingerprintOnSuccess: true,
    onShouldRetry: (error) => {
      const again = isWorthAnotherTry(error);
      if (again) change({ phase: 'waiting' });
      return again;
    },
    onUploadUrlAvailable: () => change({ id: idOf(upload.url) }),
    onProgress: (sent, total) => change({ phase: 'sending', sent, total }),
    onSuccess: () => change({ phase: 'done', id: idOf(upload.url) }),
    onError: (error) => change({ phase: 'failed', problem: problemOfUpload(error) }),
  });
  return upload;
}

// Absolute: the protocol's library resolves what the server answers against it.
const here = (path: string) => new URL(path, window.location.href).href;

function idOf(url: string | null): string | undefined {
  return url?.split('/').at(-1);
}
