import { z } from 'zod';
import { bootTestInput, fetchInput, imageChanges, imageFilter } from '../../images/schemas';
import { captureInput } from '../../workbench/capture-schemas';
import { procedure, router } from './base';

const ofImage = z.object({ imageId: z.string() });
/** The page's own key of a form: sending it twice starts one job. */
const requestKey = z.string().max(100).optional();

// A caller in this process has no connection that could break.
const never = new AbortController().signal;

const capture = router({
  examine: procedure('developer', 'read')
    .input(z.object({ vmId: z.string() }))
    .query(({ ctx, input, signal }) => ctx.house.capture.examine(ctx.actor, input.vmId, signal ?? never)),
  start: procedure('developer', 'write')
    .input(z.object({ vmId: z.string(), capture: captureInput, requestKey }))
    .mutation(({ ctx, input }) =>
      ctx.house.capture.start(ctx.actor, input.vmId, input.capture, input.requestKey),
    ),
});

export const imagesRouter = router({
  list: procedure('developer', 'read')
    .input(imageFilter)
    .query(({ ctx, input }) => ctx.house.images.list(ctx.actor, input)),
  get: procedure('developer', 'read')
    .input(ofImage)
    .query(({ ctx, input }) => ctx.house.images.get(ctx.actor, input.imageId)),
  space: procedure('developer', 'read').query(({ ctx }) => ctx.house.images.space()),
  update: procedure('developer', 'write')
    .input(ofImage.extend({ changes: imageChanges }))
    .mutation(({ ctx, input }) => ctx.house.images.update(ctx.actor, input.imageId, input.changes)),
  remove: procedure('developer', 'write')
    .input(ofImage)
    .mutation(({ ctx, input }) => ctx.house.images.remove(ctx.actor, input.imageId)),
  fetch: procedure('developer', 'write')
    .input(z.object({ image: fetchInput, requestKey }))
    .mutation(({ ctx, input }) => ctx.house.images.fetch(ctx.actor, input.image, input.requestKey)),
  bootTest: procedure('developer', 'write')
    .input(ofImage.extend({ test: bootTestInput, requestKey }))
    .mutation(({ ctx, input }) =>
      ctx.house.images.bootTest(ctx.actor, input.imageId, input.test, input.requestKey),
    ),
  capture,
});
