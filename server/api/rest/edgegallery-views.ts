import { z } from '@hono/zod-openapi';
import type { PackageFile, PackageSummary } from '../../packages/schemas';
import type { AppCard, AppDetail, AppRelease } from '../../store/schemas';
import type { AppWords } from '../../store/store';

/** Shapes of EdgeGallery's AppStore, interface v1, as far as our rooms know what they tell. */
export const egUploaded = z
  .object({
    appName: z.string(),
    appId: z.string(),
    packageId: z.string(),
    provider: z.string(),
    version: z.string(),
  })
  .openapi('EdgeGalleryUploaded');

export const egApp = z
  .object({
    appId: z.string(),
    iconUrl: z.string(),
    name: z.string(),
    provider: z.string(),
    type: z.string(),
    shortDesc: z.string(),
    affinity: z.string(),
    industry: z.string(),
    createTime: z.string(),
    details: z.string(),
    downloadCount: z.number(),
    score: z.number(),
    deployMode: z.string(),
    status: z.string(),
    version: z.string(),
  })
  .openapi('EdgeGalleryApp');

/** EdgeGallery's file tree; folders have children. */
interface FormatNode {
  name: string;
  isDir: boolean;
  children: FormatNode[];
}

export const egPackage = z
  .object({
    packageId: z.string(),
    appId: z.string(),
    name: z.string(),
    size: z.string(),
    /** The file tree as a JSON text. */
    format: z.string(),
    createTime: z.string(),
    details: z.string(),
    affinity: z.string(),
    industry: z.string(),
    contact: z.string(),
    type: z.string(),
    shortDesc: z.string(),
    version: z.string(),
    provider: z.string(),
    status: z.enum(['Upload', 'Published']),
    deployMode: z.string(),
  })
  .openapi('EdgeGalleryPackage');
export type EgPackage = z.infer<typeof egPackage>;

/** An app on the shelf, as EdgeGallery's clients know it. */
export function egAppOf(app: AppCard & Partial<Pick<AppDetail, 'readme'>>): z.infer<typeof egApp> {
  return {
    appId: app.id,
    iconUrl: `/mec/appstore/v1/apps/${app.id}/icon`,
    name: app.name,
    provider: app.provider,
    type: app.type,
    shortDesc: app.description,
    affinity: app.architecture,
    industry: app.industry,
    createTime: new Date(app.publishedAt).toISOString(),
    details: app.readme ?? '',
    downloadCount: app.downloads,
    // Nobody rates apps here yet; EdgeGallery's clients show 0 as "no score".
    score: 0,
    deployMode: deployModeOf(app.kind),
    status: 'Published',
    version: app.version,
  };
}

/** A published release as EdgeGallery's package. */
export function egReleaseOf(
  app: AppDetail,
  release: Omit<AppRelease, 'files'>,
  files: PackageFile[],
  packageId: string,
): EgPackage {
  return {
    packageId,
    appId: app.id,
    name: app.name,
    provider: app.provider,
    version: release.version,
    size: String(release.size),
    format: JSON.stringify(formatOf(release.fileName, files)),
    createTime: new Date(release.publishedAt).toISOString(),
    details: app.readme,
    affinity: app.architecture,
    industry: app.industry,
    contact: release.publishedBy,
    type: app.type,
    shortDesc: app.description,
    status: 'Published',
    deployMode: deployModeOf(app.kind),
  };
}

/** A package that is uploaded and not published. */
export function egPackageOf(
  item: PackageSummary,
  appId: string,
  words: AppWords,
  files: PackageFile[],
): EgPackage {
  return {
    packageId: item.id,
    appId,
    name: item.name,
    provider: item.provider,
    version: item.version,
    size: String(item.size ?? 0),
    format: JSON.stringify(formatOf(item.fileName, files)),
    createTime: new Date(item.createdAt).toISOString(),
    details: '',
    affinity: words.architecture,
    industry: words.industry,
    contact: item.createdBy,
    type: words.type,
    shortDesc: words.description,
    status: 'Upload',
    deployMode: deployModeOf(item.kind),
  };
}

const deployModeOf = (kind: 'vm' | 'container') => (kind === 'vm' ? 'virtual_machine' : 'container');

function formatOf(root: string, files: readonly PackageFile[]): FormatNode {
  const top: FormatNode = { name: root, isDir: true, children: [] };
  for (const { path } of files) {
    // EdgeGallery's tree does not look into nested archives.
    if (path.includes('!/')) continue;
    const parts = path.split('/');
    let folder = top;
    for (const [index, name] of parts.entries()) {
      const isDir = index < parts.length - 1;
      let node = folder.children.find((child) => child.name === name);
      if (node === undefined) {
        node = { name, isDir, children: [] };
        folder.children.push(node);
      }
      folder = node;
    }
  }
  return top;
}
