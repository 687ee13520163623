import { Upload } from 'tus-js-client';
import type { ProblemReport } from '@/server/problem';
import { isWorthAnotherTry, problemOfUpload, uploadRetryDelays } from '../api/tus-upload';

// Pieces, so that a refusal in the middle of an archive reaches us: browsers look for an answer only after a body is sent.
const chunkSize = 32 * 1024 * 1024;

export interface ArchiveSending {
  /** Goes on, from where the server is. */
  start(): void;
  /** Stops sending; the server keeps what it has. */
  pause(): void;
  /** Stops, and has the server forget it. */
  cancel(): Promise<void>;
}

export interface SendingHears {
  onProgress(sent: number): void;
  /** The connection was cut; it is tried again by itself. */
  onWaiting(): void;
  /** @param uploadId the server's id */
  onDone(uploadId: string): void;
  onFailed(problem: ProblemReport): void;
}

/**
 * Makes ready to send an archive by tus; the same file goes on where an earlier try in this browser stopped.
 *
 * @param name `name:tag` for an image that the archive leaves without one; empty otherwise
 */
export async function sendArchive(
  file: File,
  projectId: string,
  name: string,
  hears: SendingHears,
): Promise<ArchiveSending> {
  const upload: Upload = new Upload(file, {
    // Absolute: the protocol's library resolves what the server answers against it.
    endpoint: new URL('/api/v1/containers/uploads', window.location.href).href,
    metadata: { filename: file.name, projectId, ...(name !== '' && { name }) },
    chunkSize,
    retryDelays: uploadRetryDelays,
    // The project is part of it: the same file sent to another project is another upload.
    fingerprint: () =>
      Promise.resolve(['edgeyard', projectId, name, file.name, file.size, file.lastModified].join('|')),
    removeFingerprintOnSuccess: true,
    onShouldRetry: (error) => {
      const again = isWorthAnotherTry(error);
      if (again) hears.onWaiting();
      return again;
    },
    onProgress: (sent) => hears.onProgress(sent),
    onSuccess: () => hears.onDone(upload.url?.split('/').at(-1) ?? ''),
    onError: (error) => hears.onFailed(problemOfUpload(error)),
  });
  const [previous] = (await upload.findPreviousUploads()).toSorted(
    (a, b) => Date.parse(b.creationTime) - Date.parse(a.creationTime),
  );
  if (previous) upload.resumeFromPreviousUpload(previous);
  return {
    start: () => upload.start(),
    pause: () => void upload.abort(),
    cancel: () => upload.abort(true),
  };
}
