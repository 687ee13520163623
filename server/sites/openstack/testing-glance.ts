/** Glance in memory, on the small cloud of unit tests: as far as images are made, filled, marked, listed and removed. */
import { json, type Asked, type TestingCloud } from './testing-cloud';

export type StoredImage = Record<string, unknown> & { id: string; status: string };

export interface TestingGlance {
  images: Map<string, StoredImage>;
  /** Names of servers by the image they were made from. */
  servers: Map<string, string[]>;
  /** What glance makes of content that came whole; changes count from the next upload on. */
  store: (size: number) => Partial<StoredImage>;
}

/** Puts a glance onto a cloud. Content is counted by its length; it has no checksum unless `store` says one. */
export function testingGlance(cloud: TestingCloud): TestingGlance {
  const images = new Map<string, StoredImage>();
  const glance: TestingGlance = {
    images,
    servers: new Map(),
    store: (size) => ({ status: 'active', size }),
  };
  const idOf = ({ path }: Asked) => /\/v2\/images\/([^/?]+)/.exec(path)?.[1] ?? '';
  const found = (asked: Asked) => images.get(idOf(asked));
  const one = /\/image\/v2\/images\/[^/?]+$/;
  const on = (method: string, path: RegExp, answer: (asked: Asked) => [status: number, body: unknown]) => {
    cloud.on(new RegExp(`^${method} ${path.source}`), (asked, response) => {
      const [status, body] = answer(asked);
      json(status, body)(asked, response);
    });
  };
  const missing: [number, unknown] = [404, { message: 'no such image' }];
  on('GET', /\/image\/v2\/images(\?|$)/, ({ path }) => {
    const query = [...new URL(path, 'http://cloud').searchParams].filter(([name]) => name !== 'limit');
    const fits = (image: StoredImage) => query.every(([name, value]) => image[name] === value);
    return [200, { images: [...images.values()].filter(fits) }];
  });
  on('POST', /\/image\/v2\/images$/, ({ body }) => {
    const asked = JSON.parse(body) as Partial<StoredImage>;
    const image = {
      created_at: new Date().toISOString(),
      ...asked,
      id: asked.id ?? '',
      owner: 'p1',
      status: 'queued',
    };
    images.set(image.id, image);
    return [201, image];
  });
  on('GET', one, (asked) => (found(asked) ? [200, found(asked)] : missing));
  on('DELETE', one, (asked) => (images.delete(idOf(asked)) ? [204, ''] : missing));
  on('PATCH', one, (asked) => {
    const image = found(asked);
    if (!image) return missing;
    for (const { path, value } of JSON.parse(asked.body) as { path: string; value: string }[])
      image[path.slice(1)] = value;
    return [200, image];
  });
  on('PUT', /\/image\/v2\/images\/[^/]+\/file$/, (asked) => {
    const image = found(asked);
    if (!image) return missing;
    Object.assign(image, glance.store(Number(asked.headers['content-length'])));
    return [204, ''];
  });
  on('GET', /\/compute\/v2.1\/servers\?/, ({ path }) => {
    const names = glance.servers.get(new URL(path, 'http://cloud').searchParams.get('image') ?? '') ?? [];
    return [200, { servers: names.map((name) => ({ name })) }];
  });
  return glance;
}
