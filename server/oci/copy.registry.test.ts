import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRegistry, type TestRegistry } from '@/e2e/stacks/registry';
import { copyArtifact } from './copy-artifact';
import type { ArtifactAt, Registry } from './oci';
import { openRegistry } from './open-registry';
import { bytesOf, pushImage, pushIndex, putBytes, sha256, testBlob } from './testing';

const run = promisify(execFile);

let source: TestRegistry;
let target: TestRegistry;
let from: Registry;
let to: Registry;

beforeAll(async () => {
  [source, target] = await Promise.all([startRegistry(), startRegistry()]);
  from = openRegistry({ url: source.url });
  to = openRegistry({ url: target.url });
});

afterAll(async () => {
  await Promise.all([from.close(), to.close()]);
  await Promise.all([source.stop(), target.stop()]);
});

const at = (registry: Registry, repository: string, reference: string): ArtifactAt => ({
  registry,
  repository,
  reference,
});

/** The requests both registries logged, once the last one is written. */
async function requests(last: string): Promise<string[]> {
  const all = () =>
    [...source.requests(), ...target.requests()].map(({ method, path }) => `${method} ${path}`);
  await expect.poll(all).toContainEqual(expect.stringContaining(last));
  return all();
}

describe('a copy between two registries', () => {
  it('moves an image of ten layers with few requests, and the same again with two', async () => {
    const layers = Array.from({ length: 10 }, () => testBlob(200_000));
    const image = await pushImage(from, { repository: 'cold/app', tag: '1' }, layers);
    // From its first answer on, the client knows that this registry has no referrers API.
    await from.referrers('cold/app', image.digest);
    source.forget();
    target.forget();
    const report = await copyArtifact(at(from, 'cold/app', '1'), at(to, 'store/cold/app', '1'));
    expect(report).toMatchObject({ digest: image.digest, outcome: 'copied', blobsSent: 11, blobsThere: 0 });
    expect(report.bytes).toBe(report.bytesSent + image.size);
    expect((await requests('GET /v2/cold/app/manifests/sha256-')).length).toBeLessThanOrEqual(48);

    source.forget();
    target.forget();
    const again = await copyArtifact(at(from, 'cold/app', '1'), at(to, 'store/cold/app', '1'));
    expect(again).toMatchObject({
      digest: image.digest,
      outcome: 'unchanged',
      bytesSent: 0,
      bytes: report.bytes,
    });
    expect(await requests('/v2/cold/app/manifests/1')).toHaveLength(2);
  });

  it('sends the one layer that changed, and tells the others as there', async () => {
    const layers = Array.from({ length: 4 }, () => testBlob(50_000));
    await pushImage(from, { repository: 'changed', tag: '1' }, layers);
    await copyArtifact(at(from, 'changed', '1'), at(to, 'changed', 'latest'));
    const fresh = testBlob(70_000);
    await pushImage(from, { repository: 'changed', tag: '2' }, [...layers.slice(1), fresh]);
    const report = await copyArtifact(at(from, 'changed', '2'), at(to, 'changed', 'latest'));
    expect(report).toMatchObject({ outcome: 'copied', blobsSent: 2, blobsThere: 3 });
    expect(report.bytesSent).toBeLessThan(fresh.size + 1000);
  });

  it('is read by skopeo byte for byte', async () => {
    const image = await pushImage(from, { repository: 'read', tag: '1' }, [testBlob(30_000)]);
    await copyArtifact(at(from, 'read', '1'), at(to, 'a/b/c/read', 'v1'));
    const name = `docker://${target.address}/a/b/c/read:v1`;
    const raw = await run('skopeo', ['inspect', '--raw', '--tls-verify=false', name], { encoding: 'buffer' });
    expect(sha256(raw.stdout)).toBe(image.digest);
    const dir = mkdtempSync(join(tmpdir(), 'edgeyard-oci-'));
    await run('skopeo', ['copy', '--src-tls-verify=false', name, `dir:${dir}`]);
    rmSync(dir, { recursive: true });
  });

  it('mounts what lies in another repository of the same registry', async () => {
    const image = await pushImage(from, { repository: 'here/app', tag: '1' }, [
      testBlob(40_000),
      testBlob(10),
    ]);
    const report = await copyArtifact(at(from, 'here/app', '1'), at(from, 'there/app', '1'));
    expect(report).toMatchObject({ digest: image.digest, blobsMounted: 3, blobsSent: 0, bytesSent: 0 });
    expect((await from.head('there/app', '1'))?.digest).toBe(image.digest);
  });

  it('mounts what is at the target under another name, and sends what is not', async () => {
    const shared = testBlob(40_000);
    await putBytes(to, 'base', shared);
    await pushImage(from, { repository: 'derived', tag: '1' }, [shared, testBlob(20)]);
    const report = await copyArtifact(at(from, 'derived', '1'), at(to, 'derived', '1'), {
      mountable: () => 'base',
    });
    expect(report).toMatchObject({ blobsMounted: 1, blobsSent: 2 });
  });

  it('copies an index whole, or the platforms that are chosen', async () => {
    const images = [];
    for (const architecture of ['amd64', 'arm64', 's390x']) {
      const image = await pushImage(from, { repository: 'multi', tag: '' }, [testBlob(5_000)], {
        architecture,
      });
      images.push({ image, architecture });
    }
    const index = await pushIndex(from, { repository: 'multi', tag: '1' }, images);
    const whole = await copyArtifact(at(from, 'multi', '1'), at(to, 'multi', '1'));
    expect(whole).toMatchObject({ digest: index.digest, blobsSent: 6 });
    const platforms = [{ os: 'linux', architecture: 'arm64' }];
    const some = await copyArtifact(at(from, 'multi', '1'), at(to, 'multi-arm', '1'), { platforms });
    expect(some.blobsSent).toBe(2);
    const stored = await to.manifest('multi-arm', '1');
    expect(stored?.descriptor.digest).toBe(some.digest);
    expect(stored?.manifest).toMatchObject({ kind: 'index', manifests: [{ platform: platforms[0] }] });
    const again = await copyArtifact(at(from, 'multi', '1'), at(to, 'multi-arm', '1'), { platforms });
    expect(again.outcome).toBe('unchanged');
    const both = { platforms: [...platforms, { os: 'linux', architecture: 'arm', variant: 'v7' }] };
    await expect(copyArtifact(at(from, 'multi', '1'), at(to, 'multi-v7', '1'), both)).rejects.toMatchObject({
      fault: 'noPlatform',
      facts: { asked: 'linux/arm/v7', platforms: 'linux/amd64, linux/arm64, linux/s390x' },
    });
  });

  it('takes an image for one platform as that one, and as no other', async () => {
    const image = await pushImage(from, { repository: 'single', tag: '1' }, [testBlob(5_000)]);
    const copy = (architecture: string, tag: string) =>
      copyArtifact(at(from, 'single', '1'), at(to, 'single', tag), {
        platforms: [{ os: 'linux', architecture }],
      });
    await expect(copy('arm64', 'other')).rejects.toMatchObject({
      fault: 'noPlatform',
      facts: { asked: 'linux/arm64', platforms: 'linux/amd64' },
    });
    expect(await to.head('single', 'other')).toBeUndefined();
    expect(await copy('amd64', 'own')).toMatchObject({ digest: image.digest, outcome: 'copied' });
  });

  it('brings along what tells about the image', async () => {
    const image = await pushImage(from, { repository: 'signed', tag: '1' }, [testBlob(100)]);
    const signature = await pushImage(from, { repository: 'signed', tag: '' }, [testBlob(64)], {
      subject: image,
      artifactType: 'application/vnd.example.signature',
    });
    await copyArtifact(at(from, 'signed', '1'), at(to, 'signed', '1'));
    const found = await to.referrers('signed', image.digest);
    expect(found).toMatchObject([
      { digest: signature.digest, artifactType: 'application/vnd.example.signature' },
    ]);
    await copyArtifact(at(from, 'signed', '1'), at(to, 'bare', '1'), { referrers: false });
    expect(await to.referrers('bare', image.digest)).toEqual([]);
  });

  it('does the work once for two copies at the same time', async () => {
    await pushImage(from, { repository: 'twice', tag: '1' }, [testBlob(2_000_000), testBlob(1_000_000)]);
    const one = () => copyArtifact(at(from, 'twice', '1'), at(to, 'twice', '1'));
    const reports = await Promise.all([one(), one()]);
    expect(reports.map((report) => report.outcome).toSorted()).toEqual(['copied', 'unchanged']);
    const tags = await Promise.all(
      ['a', 'b'].map((tag) => copyArtifact(at(from, 'twice', '1'), at(to, 'twice-tags', tag))),
    );
    expect(tags.reduce((sum, report) => sum + report.blobsSent, 0)).toBe(3);
  });

  it('tells a source that is not there, and one that has changed, and writes nothing', async () => {
    await expect(copyArtifact(at(from, 'nothing', '1'), at(to, 'nothing', '1'))).rejects.toMatchObject({
      fault: 'notFound',
    });
    await pushImage(from, { repository: 'moved', tag: '1' }, [testBlob(10)]);
    const expected = { expect: sha256(Buffer.from('something else')) };
    await expect(copyArtifact(at(from, 'moved', '1'), at(to, 'moved', '1'), expected)).rejects.toMatchObject({
      fault: 'changed',
    });
    expect(await to.tags('moved')).toEqual([]);
  });

  it('tells its progress up to the whole', async () => {
    await pushImage(from, { repository: 'told', tag: '1' }, [testBlob(3_000_000)]);
    const seen: number[] = [];
    let total = 0;
    const report = await copyArtifact(at(from, 'told', '1'), at(to, 'told', '1'), {
      progress: (done, all) => {
        seen.push(done);
        total = all;
      },
    });
    expect(total).toBe(report.bytes);
    expect(seen.at(-1)).toBe(total);
    expect(seen.length).toBeGreaterThan(5);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  it('gives ranges of a blob', async () => {
    const blob = testBlob(1_000_000);
    await putBytes(from, 'ranges', blob);
    const part = await bytesOf(await from.blob('ranges', blob.digest, { range: { from: 10, to: 500_009 } }));
    expect(part.equals(blob.bytes.subarray(10, 500_010))).toBe(true);
  });
});
