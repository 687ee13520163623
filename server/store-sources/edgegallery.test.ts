import type { Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Registry } from '../oci/oci';
import type { NamedImage, StoreSource } from '../operations/sync/store-source';
import { bytesOf, edgeGallerySource, timeOf } from './edgegallery';
import { locateImage } from './edgegallery-images';
import { listening } from './testing';

const app = {
  appId: 'a1',
  name: 'web',
  provider: 'ACME',
  type: 'Video',
  affinity: 'ARM64',
  industry: 'Park',
};
const one = {
  packageId: 'p1',
  version: 'v1.0',
  size: '1.5 MB',
  createTime: '2021-03-16 21:02',
  status: 'Published',
  shortDesc: 'Counts cars',
  deployMode: 'virtual_machine',
};
const answers: Record<string, unknown> = {};
let server: Server;
let source: StoreSource;
let tokens: (string | undefined)[];

beforeEach(async () => {
  tokens = [];
  const made = await listening((request, response) => {
    tokens.push(String(request.headers['access_token']));
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const body = answers[pathname] ?? [];
    const beyond = Number(searchParams.get('offset') ?? 0) > 0;
    response.end(JSON.stringify(beyond ? [] : body));
  });
  ({ server } = made);
  source = edgeGallerySource({
    kind: 'edgegallery',
    url: made.url,
    ca: undefined,
    token: 'secret',
    registry: undefined,
    registryLogin: undefined,
  });
});

afterEach(async () => {
  await source.close();
  server.closeAllConnections();
  server.close();
});

describe('a catalogue', () => {
  it.each([
    ['as version 1.1 answers', (list: unknown[]) => list],
    ['in the envelope of version 1.5', (results: unknown[]) => ({ results, total: results.length })],
    ['in an envelope of another name', (data: unknown[]) => ({ data, retCode: 0 })],
  ])('is read %s', async (_what, envelope) => {
    const draft = { ...one, packageId: 'p2', status: 'Upload' };
    answers['/mec/appstore/v1/apps'] = envelope([app, { nonsense: true }]);
    answers['/mec/appstore/v1/apps/a1/packages'] = envelope([one, draft]);
    expect(await source.catalogue({})).toEqual([
      expect.objectContaining({
        appId: 'a1',
        releaseId: 'p1',
        name: 'web',
        provider: 'ACME',
        version: 'v1.0',
        kind: 'vm',
        architecture: 'ARM64',
        industry: 'Park',
        description: 'Counts cars',
        size: 1_572_864,
        digest: undefined,
        publishedAt: Date.parse('2021-03-16 21:02'),
      }),
    ]);
    expect(new Set(tokens)).toEqual(new Set(['secret']));
  });

  it('takes what says nothing for what it most likely is', () => {
    expect([bytesOf('12'), bytesOf(7), bytesOf('2kb'), bytesOf('a lot'), bytesOf(null)]).toEqual([
      12, 7, 2048, 0, 0,
    ]);
    expect([timeOf(5), timeOf('yesterday'), timeOf(null)]).toEqual([5, 0, 0]);
  });
});

describe('an image', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const image: NamedImage = {
    name: 'web:1',
    version: '1',
    digest: null,
    location: '192.0.2.1:443/appstore/web:1',
    platforms: [],
    mode: 'reference',
  };
  const asked: string[] = [];
  const inRegistry = (held: Record<string, string>) => () => ({
    // Nothing else of it is asked.
    registry: {
      head: (repository: string, reference: string) => {
        asked.push(`${repository}:${reference}`);
        const found = held[`${repository}:${reference}`];
        return Promise.resolve(found === undefined ? undefined : { mediaType: 'm', digest: found, size: 1 });
      },
    } as unknown as Registry,
    repository: (...path: string[]) => ['mec', ...path].join('/'),
    address: 'registry.test',
  });
  const locate = (named: NamedImage, held: Record<string, string>) =>
    locateImage({ provider: 'ACME', name: 'web' }, named, inRegistry(held), {});

  it('is found by its path, whatever host the package names', async () => {
    const { artifact } = await locate(image, { 'mec/appstore/web:1': digest });
    expect(artifact).toMatchObject({ repository: 'appstore/web', tag: '1', digest });
    expect((await locate(image, { 'mec/web:1': digest })).artifact?.repository).toBe('web');
    expect((await locate({ ...image, location: null }, { 'mec/web:1': digest })).artifact?.tag).toBe('1');
  });

  it('that lies in the package, or nowhere, has no place', async () => {
    asked.length = 0;
    for (const named of [
      { ...image, mode: 'embedded' as const },
      { ...image, location: 'http://host:9527/image?imageId=1' },
      { ...image, location: digest },
    ])
      expect((await locate(named, {})).artifact).toBeNull();
    expect(asked).toEqual([]);
    expect((await locate(image, {})).artifact).toBeNull();
  });

  it('of another content than the package names is refused', async () => {
    const other = `sha256:${'b'.repeat(64)}`;
    await expect(locate({ ...image, digest: other }, { 'mec/appstore/web:1': digest })).rejects.toThrow(
      'sync.errors.imageDiffers',
    );
  });
});
