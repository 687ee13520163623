/** A download while glance goes down and comes back. Only on the cloud of e2e/stacks/openstack, which can do that. */
import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Cloud } from './cloud';
import { downloadImage } from './download-image';
import { findImage } from './glance';
import { openCloud } from './session';
import { imageBench, type ImageBench } from './testing-images';
import { testAccess } from './testing-login';
import { openWire, type TestingWire } from './testing-wire';
import { ensureImage } from './upload-image';

const stack = process.env['EDGEYARD_STACK'] ?? '/var/lib/edgeyard-openstack';
const isOurs = dirname(realpathSync(process.env['OS_CLIENT_CONFIG_FILE'] ?? '/')) === stack;

/** Stops or starts one service of the stack, and waits until it is so. */
async function service(action: 'stop' | 'start', name: string): Promise<void> {
  const script = join(import.meta.dirname, '../../../e2e/stacks/openstack/stack.sh');
  await promisify(execFile)('bash', [script, action, name], {
    env: { ...process.env, EDGEYARD_STACK: stack },
  });
}

describe.skipIf(!isOurs)('glance of the stack in e2e/stacks/openstack', () => {
  let wire: TestingWire;
  let cloud: Cloud;
  let bench: ImageBench;

  beforeAll(async () => {
    wire = await openWire();
    cloud = openCloud(testAccess('developer'), { route: (url) => wire.route(url) });
    bench = imageBench();
  });

  afterAll(async () => {
    await service('start', 'glance-api');
    await bench.end(cloud);
    await cloud.close();
    await wire.close();
  });

  it('is stopped in the middle of a download, which goes on when it is back', async () => {
    const ours = bench.random(40e6);
    const image = await findImage(cloud, await ensureImage(cloud, bench.library, ours.id, {}), undefined);
    if (!image) throw new Error('glance lost the image');
    // Slow enough that the end is far when the service goes.
    const goFast = wire.trouble(/\/file/, { bytesPerSecond: 2e6 });
    const resumed: number[] = [];
    let stopping: Promise<void> | undefined;
    const download = downloadImage(cloud, image, join(bench.dir, 'download'), {
      progress: (done) => {
        if (done > 4e6) stopping ??= service('stop', 'glance-api').then(() => service('start', 'glance-api'));
      },
      onResume: (from) => {
        goFast();
        resumed.push(from);
      },
    });
    await expect(download).resolves.toMatchObject({ size: 40e6, md5: image.checksum });
    await stopping;
    expect(resumed[0]).toBeGreaterThan(4e6);
    expect(resumed[0]).toBeLessThan(40e6);
  });
});
