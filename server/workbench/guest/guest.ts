import type { RawRoute } from '../../content/raw-route';
import { downloadRoute } from './download-route';
import { openGuestFiles, type GuestFiles } from './files';
import type { GuestPorts } from './ports';
import { openSshPool } from './ssh-pool';
import { openGuestTools, type GuestTools } from './tools';
import { uploadRoute } from './upload-route';
import { openGuestUploads, type GuestUploads } from './uploads';

/** What can be done inside a running VM: its files, uploads into it, and the tools installed there. All goes by SSH. */
export interface Guest {
  readonly files: GuestFiles;
  readonly uploads: GuestUploads;
  readonly tools: GuestTools;
  /** Resumable uploads and downloads with Range, which stream on Node's own sockets. */
  readonly rawRoutes: readonly RawRoute[];
  /** Goes on with the uploads that an earlier process left, and forgets what belonged to projects that are gone. */
  open(): void;
  /** Forgets what was kept for a VM that is gone. */
  forget(vmId: string): void;
  /** Cuts the connections; what is under way goes on at the next start. */
  close(): Promise<void>;
}

/** Opens the rooms of the guest; connections to VMs are made when they are needed. */
export function openGuest(ports: GuestPorts): Guest {
  const closing = new AbortController();
  const pool = openSshPool((vmId) => ports.guestAccess(vmId));
  const files = openGuestFiles(ports, pool);
  const uploads = openGuestUploads(ports, pool, closing.signal);
  const tools = openGuestTools(ports, pool);
  return {
    files,
    uploads,
    tools,
    rawRoutes: [uploadRoute(uploads), downloadRoute(files)],
    open() {
      uploads.resumeAll();
      tools.prune();
    },
    forget(vmId) {
      pool.drop(vmId);
      uploads.forget(vmId);
      tools.forget(vmId);
    },
    async close() {
      closing.abort();
      pool.close();
      await uploads.idle();
    },
  };
}
