'use client';

import type { PreviousUpload } from 'tus-js-client';
import { useLeaveWarning } from '../api/use-leave-warning';
import { previousUpload, useTusUpload } from '../api/use-tus-upload';

const path = '/api/v1/images/uploads';

/** One resumable upload of an image, whose id is the upload's. */
export function useImageUpload(): ReturnType<typeof useTusUpload> {
  const upload = useTusUpload(path);
  useLeaveWarning(upload.state.phase === 'sending' || upload.state.phase === 'waiting');
  return upload;
}

/**
 * An unfinished upload of the same image from this browser, the newest.
 *
 * @returns undefined when there is none
 */
export function previousOf(file: File): Promise<PreviousUpload | undefined> {
  return previousUpload(path, file);
}
