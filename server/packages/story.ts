import { z } from 'zod';
import { storyFile } from './csar/documents';
import { openCsar, type OpenCsar } from './csar/open-csar';
import type { PackageRow } from './package-rows';
import type { PackageStory } from './packages';

const storySchema = z.object({
  industry: z.string().max(60).optional(),
  type: z.string().max(60).optional(),
  architecture: z.string().max(20).optional(),
  icon: z.string().max(200).nullable().optional(),
});

const readmeBytes = 200 * 1024;
const iconBytes = 256 * 1024;
const iconTypes: Record<string, string> = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  webp: 'image/webp',
  svg: 'image/svg+xml',
};

/**
 * What the package tells the store about its app: from the project it was built from, or, for one that came from
 * outside, from the files inside.
 *
 * @param content path of the archive
 */
export async function storyOfPackage(row: PackageRow, content: string): Promise<PackageStory> {
  if (row.order !== null) {
    const { project, icon } = row.order;
    return {
      readme: project.readme,
      icon: icon && { type: icon.type, data: Buffer.from(icon.base64, 'base64') },
      industry: project.industry,
      type: project.type,
      architecture: project.architecture,
    };
  }
  const csar = await openCsar(content);
  try {
    const own = await ownStory(csar);
    const docs = csar.files.map((file) => file.path).find((path) => /^Artifacts\/Docs\/.*\.md$/i.test(path));
    return {
      readme: docs === undefined ? '' : (await csar.head(docs, readmeBytes)).toString('utf8'),
      icon: own.icon ? await iconOf(csar, own.icon) : undefined,
      industry: own.industry ?? 'Other',
      type: own.type ?? 'Other',
      architecture: own.architecture ?? row.images[0]?.architecture ?? 'X86',
    };
  } finally {
    csar.close();
  }
}

async function ownStory(csar: OpenCsar): Promise<z.infer<typeof storySchema>> {
  if (!csar.has(storyFile)) return {};
  try {
    return storySchema.catch({}).parse(JSON.parse((await csar.head(storyFile, 64 * 1024)).toString('utf8')));
  } catch {
    // A file of that name that somebody else wrote: it tells nothing, and that is no fault.
    return {};
  }
}

async function iconOf(csar: OpenCsar, path: string): Promise<PackageStory['icon']> {
  const type = iconTypes[path.slice(path.lastIndexOf('.') + 1).toLowerCase()];
  const size = csar.files.find((file) => file.path === path)?.size;
  if (type === undefined || size === undefined || size > iconBytes) return undefined;
  return { type, data: await csar.head(path, iconBytes) };
}
