'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import { Upload, type PreviousUpload } from 'tus-js-client';
import type { ProblemReport } from '@/server/problem';
import { problemOf } from '../api/problem-of';
import { isWorthAnotherTry, problemOfUpload, uploadRetryDelays } from '../api/tus-upload';
import { useLeaveWarning } from '../api/use-leave-warning';

// Absolute: the protocol's library resolves what the server answers against it.
const endpointHere = () => new URL('/api/v1/images/uploads', window.location.href).href;

/** How an upload stands. */
export interface UploadState {
  phase: 'idle' | 'sending' | 'waiting' | 'paused' | 'done' | 'failed';
  sent: number;
  total: number;
  /** The image's id, which is the upload's, once the server gave it. */
  imageId: string | undefined;
  problem: ProblemReport | undefined;
}

const idle: UploadState = { phase: 'idle', sent: 0, total: 0, imageId: undefined, problem: undefined };

/** One resumable upload of an image: begun, paused, resumed after a cut or a reload, cancelled. */
export function useImageUpload(): {
  state: UploadState;
  start: (file: File, metadata: Record<string, string>) => void;
  pause: () => void;
  resume: () => void;
  cancel: () => Promise<void>;
} {
  const [state, setState] = useState(idle);
  const upload = useRef<Upload | undefined>(undefined);
  const change = useCallback((next: Partial<UploadState>) => {
    setState((before) => ({ ...before, ...next }));
  }, []);

  useEffect(
    () => () => {
      // Leaving the page pauses: what was sent stays on the server, and the same file goes on from there.
      void upload.current?.abort();
    },
    [],
  );
  useLeaveWarning(state.phase === 'sending' || state.phase === 'waiting');

  const start = useCallback(
    (file: File, metadata: Record<string, string>) => {
      const sending = makeUpload(file, metadata, change);
      upload.current = sending;
      setState({ ...idle, phase: 'sending', total: file.size });
      const begin = async () => {
        const previous = await previousOf(file);
        if (previous) sending.resumeFromPreviousUpload(previous);
        sending.start();
      };
      begin().catch((error: unknown) => change({ phase: 'failed', problem: problemOf(error) }));
    },
    [change],
  );
  const pause = useCallback(() => {
    void upload.current?.abort();
    change({ phase: 'paused' });
  }, [change]);
  const resume = useCallback(() => {
    upload.current?.start();
    change({ phase: 'sending', problem: undefined });
  }, [change]);
  const cancel = useCallback(async () => {
    try {
      await upload.current?.abort(true);
      setState(idle);
    } catch (error) {
      change({ phase: 'failed', problem: problemOfUpload(error) });
    }
  }, [change]);
  return { state, start, pause, resume, cancel };
}

/**
 * An unfinished upload of the same file from this browser, the newest.
 *
 * @returns undefined when there is none
 */
export async function previousOf(file: File): Promise<PreviousUpload | undefined> {
  const all = await new Upload(file, { endpoint: endpointHere() }).findPreviousUploads();
  return all.toSorted((a, b) => Date.parse(b.creationTime) - Date.parse(a.creationTime))[0];
}

function makeUpload(
  file: File,
  metadata: Record<string, string>,
  change: (next: Partial<UploadState>) => void,
): Upload {
  const upload = new Upload(file, {
    endpoint: endpointHere(),
    metadata,
    retryDelays: uploadRetryDelays,
    removeFingerprintOnSuccess: true,
    onShouldRetry: (error) => {
      const again = isWorthAnotherTry(error);
      if (again) change({ phase: 'waiting' });
      return again;
    },
    onUploadUrlAvailable: () => change({ imageId: imageIdOf(upload.url) }),
    onProgress: (sent, total) => change({ phase: 'sending', sent, total }),
    onSuccess: () => change({ phase: 'done', imageId: imageIdOf(upload.url) }),
    onError: (error) => change({ phase: 'failed', problem: problemOfUpload(error) }),
  });
  return upload;
}

function imageIdOf(url: string | null): string | undefined {
  return url?.split('/').at(-1);
}
