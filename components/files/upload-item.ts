import type { ProblemReport } from '@/server/problem';

export type UploadItemState =
  | 'waiting'
  | 'uploading'
  | 'reconnecting'
  | 'hashing'
  | 'verifying'
  | 'conflict'
  | 'done'
  | 'failed'
  | 'skipped'
  | 'cancelled';

/** One file of the queue, as the pages see it. */
export interface UploadItem {
  id: string;
  vmId: string;
  vmName: string;
  /** Relative path with the folders that were dropped. */
  name: string;
  /** Folder in the guest; empty for the home of the login. */
  directory: string;
  size: number;
  /** Bytes the guest has. */
  sent: number;
  state: UploadItemState;
  problem: ProblemReport | undefined;
  /** The file that is in the way. */
  existing: { size: number; modifiedAt: number } | undefined;
  /** The file here; shown beside the one in the way. */
  modifiedAt: number;
  /** The server's id, once it knows the upload. */
  uploadId: string | undefined;
  /** SHA-256 in hex, equal at both ends; only when done. */
  digest: string | undefined;
}

const activeStates: readonly UploadItemState[] = [
  'waiting',
  'uploading',
  'reconnecting',
  'hashing',
  'verifying',
];

/** Whether it goes on by itself. */
export function isActive(item: UploadItem): boolean {
  return activeStates.includes(item.state);
}

/** Whether somebody must answer or try again. */
export function needsSomebody(item: UploadItem): boolean {
  return item.state === 'failed' || item.state === 'conflict';
}

/** The mark by which a file that is chosen again finds its unfinished upload. */
export function fingerprintOf(file: File, directory: string): string {
  return JSON.stringify([directory, nameOf(file), file.size, file.lastModified]).slice(0, 512);
}

/** Relative path of a file out of a folder, else its name. */
export function nameOf(file: File): string {
  return file.webkitRelativePath === '' ? file.name : file.webkitRelativePath;
}
