/** The main job by script alone, on a real guest of this machine. */
import { appByScript } from './stacks/script-journey';
import { test } from './stacks/test';
import { tinyRequest } from './stacks/vms';

test('from a project to a release in the store, by script @S1 @S2 @S4 @S5 @S6 @S9 @S10 @S11 @S12 @S22', async ({
  bo,
  server,
}) => {
  await appByScript(bo, server, (name) => tinyRequest(bo, name));
});
