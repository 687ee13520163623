import { z } from 'zod';
import { guestPath, sha256 } from '../../workbench/guest/schemas';
import { uploadViewOf } from '../../workbench/guest/upload-view';
import { procedure, router } from './base';

const ofVm = z.object({ vmId: z.string() });
const ofPath = ofVm.extend({ path: guestPath });
const ofUpload = ofVm.extend({ uploadId: z.string() });

// A caller in this process has no connection that could break.
const never = new AbortController().signal;

export const filesRouter = router({
  list: procedure('developer', 'read')
    .input(ofPath)
    .query(({ ctx, input, signal }) =>
      ctx.house.guest.files.list(ctx.actor, input.vmId, input.path, signal ?? never),
    ),
  makeFolder: procedure('developer', 'write')
    .input(ofPath)
    .mutation(({ ctx, input, signal }) =>
      ctx.house.guest.files.makeFolder(ctx.actor, input.vmId, input.path, signal ?? never),
    ),
  remove: procedure('developer', 'write')
    .input(ofPath)
    .mutation(({ ctx, input, signal }) =>
      ctx.house.guest.files.remove(ctx.actor, input.vmId, input.path, signal ?? never),
    ),
  uploads: procedure('developer', 'read')
    .input(ofVm)
    .query(({ ctx, input }) => ctx.house.guest.uploads.list(ctx.actor, input.vmId).map(uploadViewOf)),
  /** Gives the sender's digest of a complete upload. */
  confirmUpload: procedure('developer', 'write')
    .input(ofUpload.extend({ sha256 }))
    .mutation(({ ctx, input }) =>
      uploadViewOf(ctx.house.guest.uploads.confirm(ctx.actor, input.vmId, input.uploadId, input.sha256)),
    ),
  removeUpload: procedure('developer', 'write')
    .input(ofUpload)
    .mutation(({ ctx, input }) => ctx.house.guest.uploads.remove(ctx.actor, input.vmId, input.uploadId)),
});
