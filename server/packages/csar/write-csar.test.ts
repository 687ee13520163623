import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkCsar } from '../../../e2e/stacks/csar';
import { testContainerOrder, testImage, testOrder, testProject } from './order-fixture';
import { inspectCsar } from './inspect';
import { writeCsar } from './write-csar';

let dir = '';
let image: ReturnType<typeof testImage>;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'csar-write-'));
  image = testImage(dir);
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

const unzip = (archive: string, file: string) => execFileSync('unzip', ['-p', archive, file]);

describe('writeCsar', () => {
  it('writes a package that other people’s tools find right', async () => {
    const target = join(dir, 'a.csar');
    const written = await writeCsar(target, testOrder(testProject(image.id), image), () => image.path);
    const facts = checkCsar(target);
    expect(facts.wrong).toEqual([]);
    expect(facts.dangling).toEqual([]);
    expect(facts.images).toEqual([{ name: 'Debian_12.qcow2', sha256: image.digest.replace('sha256:', '') }]);
    expect(facts.files.toSorted()).toEqual(
      [
        'APPD/Edge_Cam.zip',
        'Artifacts/ChangeLog.txt',
        'Artifacts/Docs/Edge_Cam.md',
        'Artifacts/Informational/user_guide.txt',
        'Artifacts/Other/edgeyard.json',
        'Artifacts/Tests/health check.yaml',
        'Edge_Cam.mf',
        'Image/Debian_12.zip',
        'Image/SwImageDesc.json',
        'TOSCA-Metadata/TOSCA.meta',
      ].toSorted(),
    );
    const bytes = readFileSync(target);
    expect(written).toEqual({
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    expect(execFileSync('unzip', ['-t', target]).toString()).toContain('No errors');
  });

  it('states the real checksum, sizes and architecture of the image', async () => {
    const target = join(dir, 'b.csar');
    await writeCsar(target, testOrder(testProject(image.id), image), () => image.path);
    const rows = JSON.parse(unzip(target, 'Image/SwImageDesc.json').toString()) as unknown[];
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      checksum: image.md5,
      digest: image.digest,
      size: image.size,
      virtualSize: image.virtualSize,
      diskFormat: 'qcow2',
      architecture: 'X86',
      minDisk: 1,
      minRam: 256,
      swImage: 'Image/Debian_12.zip',
    });
  });

  it('describes every VM with its flavor, image, network and user data', async () => {
    const target = join(dir, 'c.csar');
    await writeCsar(target, testOrder(testProject(image.id), image), () => image.path);
    execFileSync('unzip', ['-q', '-o', target, 'APPD/Edge_Cam.zip', '-d', dir]);
    const appd = join(dir, 'APPD/Edge_Cam.zip');
    const descriptor = parse(unzip(appd, 'Definition/Edge_Cam.yaml').toString()) as {
      imports: string[];
      topology_template: { node_templates: Record<string, Record<string, unknown>> };
    };
    expect(parse(unzip(appd, `Definition/${descriptor.imports[0]}`).toString())).toHaveProperty('node_types');
    const nodes = descriptor.topology_template.node_templates;
    expect(nodes['VDU1']).toMatchObject({
      type: 'tosca.nodes.nfv.Vdu.Compute',
      properties: {
        name: 'camera',
        sw_image_data: { name: 'Debian_12' },
        bootdata: { user_data: { contents: '#!/bin/sh\necho "hello: world"\n' } },
      },
      capabilities: {
        virtual_compute: {
          properties: {
            virtual_memory: { virtual_mem_size: 512 },
            virtual_cpu: { num_virtual_cpu: 2, cpu_architecture: 'X86' },
            virtual_local_storage: { size_of_storage: 2 },
          },
        },
      },
    });
    expect(nodes['VDU2_CP0']).toMatchObject({
      requirements: [{ virtual_binding: 'VDU2' }, { virtual_link: 'VL2' }],
    });
    expect(Object.values(nodes).map((node) => node['type'])).toContain('tosca.nodes.nfv.app.configuration');
  });

  it('gives the same bytes again, in any time zone', async () => {
    const order = testOrder(testProject(image.id), image);
    const zone = process.env['TZ'];
    const digests = new Set<string>();
    for (const tz of ['UTC', 'Asia/Shanghai', 'America/New_York']) {
      process.env['TZ'] = tz;
      digests.add((await writeCsar(join(dir, 'd.csar'), order, () => image.path)).sha256);
    }
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
    expect(digests.size).toBe(1);
  });

  it('names the image by digest only when it is not to be packed', async () => {
    const target = join(dir, 'e.csar');
    const order = { ...testOrder(testProject(image.id), image), images: 'reference' as const };
    await writeCsar(target, order, () => undefined);
    const facts = checkCsar(target);
    expect(facts).toMatchObject({ wrong: [], dangling: [], images: [] });
    expect(unzip(target, 'Image/SwImageDesc.json').toString()).toContain(`"swImage": "${image.digest}"`);
  });

  it('packs a container app’s deployment text and names its images, whole, by digest', async () => {
    const target = join(dir, 'containers.csar');
    await writeCsar(target, testContainerOrder(), () => undefined);
    const facts = checkCsar(target);
    expect(facts).toMatchObject({ wrong: [], dangling: [], images: [] });
    expect(facts.files).toContain('Artifacts/Deployment/Manifests/web.yaml');
    expect(unzip(target, 'Artifacts/Deployment/Manifests/web.yaml').toString()).toContain('kind: Namespace');
    const seen = await inspectCsar(target);
    expect(seen).toMatchObject({ kind: 'container', verification: 'verified' });
    expect(seen.findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
    expect(seen.images).toMatchObject([
      { name: 'a/web:1', mode: 'reference', digest: `sha256:${'1'.repeat(64)}`, platforms: ['linux/amd64'] },
      { name: 'b/web:1', mode: 'reference', digest: `sha256:${'2'.repeat(64)}`, size: 4096 },
    ]);
  });

  it('refuses an image whose bytes are no longer those of its digest', async () => {
    const spoilt = testImage(dir, 'spoilt');
    const order = testOrder(testProject(spoilt.id), spoilt);
    const bytes = readFileSync(spoilt.path);
    bytes[5000] = (bytes[5000] ?? 0) ^ 1;
    rmSync(spoilt.path);
    appendFileSync(spoilt.path, bytes);
    await expect(writeCsar(join(dir, 'f.csar'), order, () => spoilt.path)).rejects.toMatchObject({
      key: 'packages.errors.imageChanged',
    });
  });

  it('stops when told to', async () => {
    const order = testOrder(testProject(image.id), image);
    const stop = new AbortController();
    const writing = writeCsar(join(dir, 'g.csar'), order, () => image.path, {
      signal: stop.signal,
      onBytes: () => stop.abort(),
    });
    await expect(writing).rejects.toMatchObject({ name: 'AbortError' });
  });
});
