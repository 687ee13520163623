'use client';

import type { PreviousUpload } from 'tus-js-client';
import { useLeaveWarning } from '../api/use-leave-warning';
import { previousUploads, useTusUpload } from '../api/use-tus-upload';

const path = '/api/v1/images/uploads';

/** One resumable upload of an image, whose id is the upload's. */
export function useImageUpload(): ReturnType<typeof useTusUpload> {
  const upload = useTusUpload(path);
  useLeaveWarning(upload.state.phase === 'sending' || upload.state.phase === 'waiting');
  return upload;
}

/** Unfinished uploads of the same image from this browser, whatever it was sent as. */
export function previousOf(file: File): Promise<PreviousUpload[]> {
  return previousUploads(path, file);
}
