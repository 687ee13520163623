/**
 * The AppStore of an EdgeGallery (interface v1): its catalogue and its packages. It tells neither digests nor where the
 * images of a package lie; those are looked for in the registry that was set for it.
 */
import { z } from 'zod';
import { eachLimited } from '../oci/each-limited';
import { openRegistry } from '../oci/open-registry';
import type { SourceAccess } from '../operations/sync/sources';
import type { CatalogueRelease, StoreSource } from '../operations/sync/store-source';
import { Problem } from '../problem';
import { reprDigest } from './edgeyard';
import { locateImage } from './edgegallery-images';
import { namedRegistry } from './named-registry';
import { openStoreHttp } from './store-http';

const base = '/mec/appstore/v1/apps';
const pageSize = 100;
const mostApps = 20_000;
const appsAtOnce = 8;

const word = z.string().max(4000).nullish().catch(null);
const app = z.object({
  appId: z.string().min(1).max(200),
  name: word,
  provider: word,
  type: word,
  affinity: word,
  industry: word,
  shortDesc: word,
  iconUrl: word,
  deployMode: word,
});
const appPackage = z.object({
  packageId: z.string().min(1).max(200),
  name: word,
  provider: word,
  version: word,
  type: word,
  affinity: word,
  industry: word,
  shortDesc: word,
  size: z.union([z.string(), z.number()]).nullish().catch(null),
  createTime: z.union([z.string(), z.number()]).nullish().catch(null),
  status: word,
  deployMode: word,
});
/** Version 1.5 wraps lists; what of a list cannot be read is no release. */
const listOf = <Item extends z.ZodType>(item: Item) =>
  z
    .union([
      z.array(z.unknown()),
      z.object({ results: z.array(z.unknown()) }).transform(({ results }) => results),
      z.object({ data: z.array(z.unknown()) }).transform(({ data }) => data),
    ])
    .transform((items) =>
      items.flatMap((each) => {
        const read = item.safeParse(each);
        return read.success ? [read.data] : [];
      }),
    );
const apps = listOf(app);
const packages = listOf(appPackage);

/** Opens the source; nothing is asked yet. */
export function edgeGallerySource(access: SourceAccess): StoreSource {
  const http = openStoreHttp({ ...access, tokenHeader: (token) => ({ access_token: token }) });
  const packagesPath = (appId: string) => `${base}/${encodeURIComponent(appId)}/packages`;
  const contentPath = ({ appId, releaseId }: Pick<CatalogueRelease, 'appId' | 'releaseId'>) =>
    `${packagesPath(appId)}/${encodeURIComponent(releaseId)}/action/download`;
  const set = access.registry && {
    registry: openRegistry(access.registry),
    prefix: access.registry.prefix,
    address: new URL(access.registry.url).host,
  };
  const registryOf = () => {
    if (set === undefined) throw new Problem('conflict', 'sync.errors.noStoreRegistry');
    return namedRegistry(set);
  };

  return {
    async catalogue(call) {
      const found: z.output<typeof app>[] = [];
      for (let offset = 0; ; offset += pageSize) {
        const page = await http.json(`${base}?limit=${pageSize}&offset=${offset}`, apps, call);
        const known = new Set(found.map(({ appId }) => appId));
        // Version 1.1 knows no pages and answers with everything each time.
        const more = page.filter(({ appId }) => !known.has(appId));
        found.push(...more);
        if (more.length < pageSize) break;
        if (found.length > mostApps)
          throw new Problem('too_large', 'sync.errors.storeTooMuch', { host: http.host, limit: mostApps });
      }
      const releases: CatalogueRelease[] = [];
      await eachLimited(found, appsAtOnce, call.signal, async (of, signal) => {
        const all = await http.json(packagesPath(of.appId), packages, { signal });
        releases.push(...all.filter(isPublished).map((each) => releaseOf(access.url, of, each)));
      });
      return releases;
    },
    digest: async (release, call) =>
      reprDigest((await http.head(contentPath(release), call))?.['repr-digest']),
    download: (release, target, call) =>
      http.download(contentPath(release), target, { ...call, most: mostOf(release.size) }),
    async images(release, named, call) {
      const located = [];
      for (const image of named) located.push(await locateImage(release, image, registryOf, call));
      return located;
    },
    registry: async () => await Promise.resolve(registryOf()),
    async close() {
      await http.close();
      await set?.registry.close();
    },
  };
}

/** One that says nothing of its state is listed because it is published. */
const isPublished = ({ status }: z.output<typeof appPackage>) => !status || /^published$/i.test(status);

function releaseOf(
  url: string,
  of: z.output<typeof app>,
  each: z.output<typeof appPackage>,
): CatalogueRelease {
  const said = (key: 'name' | 'provider' | 'type' | 'affinity' | 'industry' | 'shortDesc' | 'deployMode') =>
    (each[key] || of[key] || '').slice(0, 2000);
  return {
    appId: of.appId,
    releaseId: each.packageId,
    name: said('name') || of.appId,
    provider: said('provider'),
    version: each.version || '1.0',
    kind: /virtual_machine|^vm$/i.test(said('deployMode')) ? 'vm' : 'container',
    type: said('type') || 'Other',
    industry: said('industry') || 'Other',
    architecture: said('affinity') || 'X86',
    description: said('shortDesc'),
    iconUrl: `${url}${base}/${encodeURIComponent(of.appId)}/icon`,
    size: bytesOf(each.size),
    digest: undefined,
    publishedAt: timeOf(each.createTime),
  };
}

const units: Record<string, number> = {
  '': 1,
  b: 1,
  k: 1024,
  kb: 1024,
  m: 2 ** 20,
  mb: 2 ** 20,
  g: 2 ** 30,
  gb: 2 ** 30,
};

/** A number of bytes, also as `1.5 MB`; 0 where nothing can be read. */
export function bytesOf(size: string | number | null | undefined): number {
  const [, digits, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(String(size ?? '')) ?? [];
  const factor = units[unit.toLowerCase()];
  return digits === undefined || factor === undefined ? 0 : Math.round(Number(digits) * factor);
}

/** Most bytes of a package whose size was said in words as `1.5 MB`: such words are rounded, by less than half. */
function mostOf(size: number): number | undefined {
  return size > 0 ? 2 * size : undefined;
}

/** Milliseconds since 1970 of a date in any form that was seen; 0 where nothing can be read. */
export function timeOf(time: string | number | null | undefined): number {
  if (typeof time === 'number') return time;
  const read = Date.parse(time ?? '');
  return Number.isFinite(read) ? read : 0;
}
