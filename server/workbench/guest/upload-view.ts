import type { UploadView } from './schemas';
import type { guestUploads } from './tables';

/** An upload as pages and the REST API see it: without the names of its part and its other metadata. */
export function uploadViewOf(row: typeof guestUploads.$inferSelect): UploadView {
  return {
    id: row.id,
    vmId: row.vmId,
    path: row.path,
    size: row.size,
    received: row.received,
    state: row.state,
    awaitsDigest: row.confirmLater && row.senderSha256 === null && row.received >= row.size,
    fingerprint: row.fingerprint,
    senderSha256: row.senderSha256,
    passedSha256: row.passedSha256,
    guestSha256: row.guestSha256,
    error: row.error,
    createdAt: row.createdAt,
  };
}
