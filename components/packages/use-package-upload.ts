'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import { Upload } from 'tus-js-client';
import type { ProblemReport } from '@/server/problem';
import { problemOf } from '../api/problem-of';
import { isWorthAnotherTry, problemOfUpload, uploadRetryDelays } from '../api/tus-upload';

/** How an upload stands. */
interface UploadState {
  phase: 'idle' | 'sending' | 'waiting' | 'done' | 'failed';
  name: string;
  sent: number;
  total: number;
  problem: ProblemReport | undefined;
}

const idle: UploadState = { phase: 'idle', name: '', sent: 0, total: 0, problem: undefined };

/**
 * One resumable upload of a package: the same file, chosen again after a cut or a reload, goes on where it was.
 *
 * @param projectId the project it is for
 */
export function usePackageUpload(projectId: string): {
  state: UploadState;
  start: (file: File) => void;
  cancel: () => Promise<void>;
  reset: () => void;
} {
  const [state, setState] = useState(idle);
  const upload = useRef<Upload | undefined>(undefined);
  const change = useCallback((next: Partial<UploadState>) => {
    setState((before) => ({ ...before, ...next }));
  }, []);
  useEffect(() => () => void upload.current?.abort(), []);

  const start = useCallback(
    (file: File) => {
      const sending = new Upload(file, {
        endpoint: '/api/v1/packages/uploads',
        metadata: { filename: file.name, projectId },
        retryDelays: uploadRetryDelays,
        removeFingerprintOnSuccess: true,
        onShouldRetry: (error) => {
          const again = isWorthAnotherTry(error);
          if (again) change({ phase: 'waiting' });
          return again;
        },
        onProgress: (sent, total) => change({ phase: 'sending', sent, total }),
        onSuccess: () => change({ phase: 'done' }),
        onError: (error) => change({ phase: 'failed', problem: problemOfUpload(error) }),
      });
      upload.current = sending;
      setState({ ...idle, phase: 'sending', name: file.name, total: file.size });
      const begin = async () => {
        const [previous] = await sending.findPreviousUploads();
        if (previous) sending.resumeFromPreviousUpload(previous);
        sending.start();
      };
      begin().catch((error: unknown) => change({ phase: 'failed', problem: problemOf(error) }));
    },
    [change, projectId],
  );
  const cancel = useCallback(async () => {
    try {
      await upload.current?.abort(true);
      setState(idle);
    } catch (error) {
      change({ phase: 'failed', problem: problemOfUpload(error) });
    }
  }, [change]);
  const reset = useCallback(() => setState(idle), []);
  return { state, start, cancel, reset };
}
