import { Upload, type DetailedError } from 'tus-js-client';
import { problemOf } from '../api/problem-of';
import type { ProblemReport } from '@/server/problem';

export interface SendRequest {
  file: File;
  vmId: string;
  metadata: Record<string, string>;
  /** The server's id of an upload to go on with. */
  uploadId: string | undefined;
  onUploadId(id: string): void;
  /** Bytes that have been sent. */
  onProgress(sent: number): void;
  onReconnecting(): void;
}

export interface Sending {
  /** The server's id. @throws ProblemReport what the server refused */
  over: Promise<string>;
  /** Stops sending; the server keeps what it has. */
  stop(): void;
}

// Pieces, so that a refusal in the middle of a file reaches us: browsers look for an answer only after a body is sent.
const chunkSize = 32 * 1024 * 1024;
// A server that restarts, or a guest that reboots, is back within them; every piece that arrives starts them anew.
const retryDelays = [500, 1000, 2000, 4000, 8000, 15_000, 30_000, 30_000];
const passing = new Set([0, 423, 429, 502, 503, 504]);

/** Sends one file by tus. */
export function sendFile(request: SendRequest): Sending {
  const endpoint = `/api/v1/vms/${encodeURIComponent(request.vmId)}/files/uploads`;
  let id = request.uploadId;
  let upload: Upload | undefined;
  const over = new Promise<string>((resolve, reject) => {
    upload = new Upload(request.file, {
      endpoint,
      ...(id !== undefined && { uploadUrl: `${endpoint}/${encodeURIComponent(id)}` }),
      metadata: request.metadata,
      chunkSize,
      retryDelays,
      // The server's own list of unfinished uploads is the truth; a copy in this browser would only grow old.
      storeFingerprintForResuming: false,
      onShouldRetry: (error) => {
        if (!isPassing(error)) return false;
        request.onReconnecting();
        return true;
      },
      onUploadUrlAvailable: () => {
        id = decodeURIComponent(upload?.url?.split('/').pop() ?? '');
        request.onUploadId(id);
      },
      onProgress: (sent) => request.onProgress(sent),
      onSuccess: () => resolve(id ?? ''),
      // A ProblemReport and not an Error: the queue shows it, nobody catches it by class.
      onError: (error) => reject(reportOf(error)),
    });
    upload.start();
  });
  return {
    over,
    stop: () => {
      void upload?.abort();
    },
  };
}

function isPassing(error: DetailedError): boolean {
  const status = error.originalResponse?.getStatus() ?? 0;
  // 409 of the tus server itself: the position moved on while a cut request was still being written.
  return passing.has(status) || (status === 409 && bodyOf(error) === undefined);
}

function reportOf(error: Error | DetailedError): ProblemReport {
  const response = 'originalResponse' in error ? error.originalResponse : null;
  if (response === null) return { code: 'unavailable', key: 'problems.unreachable', params: {} };
  return problemOf(bodyOf(error as DetailedError));
}

function bodyOf(error: DetailedError): unknown {
  try {
    return JSON.parse(error.originalResponse?.getBody() ?? '');
  } catch {
    return undefined;
  }
}
