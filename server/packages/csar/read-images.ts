import { z } from 'zod';
import type { PackageImage } from '../schemas';
import type { Findings } from './findings';

// Numbers and texts are mixed in the wild; unknown fields are ignored.
const loose = z.union([z.string(), z.number()]).transform(String).optional().nullable();
const looseNumber = z.coerce.number().optional().nullable().catch(null);

const rows = z.array(
  z.object({
    id: loose,
    name: z.union([z.string(), z.number()]).transform(String),
    version: loose,
    checksum: loose,
    diskFormat: loose,
    architecture: loose,
    size: looseNumber,
    virtualSize: looseNumber,
    swImage: loose,
    operatingSystem: loose,
    digest: loose,
    mediaType: loose,
    platforms: z.array(z.string()).max(100).catch([]).optional().nullable(),
  }),
);

export const imagesFile = 'Image/SwImageDesc.json';

/**
 * Reads Image/SwImageDesc.json.
 *
 * @param text the file's text
 * @param files every path of the package
 * @returns the images; undefined when the file cannot be read
 */
export function readImages(
  text: string,
  files: ReadonlySet<string>,
  findings: Findings,
): PackageImage[] | undefined {
  const parsed = rows.safeParse(parseJson(text.replace(/^\uFEFF/, '')));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    findings.add('imagesInvalid', imagesFile, undefined, {
      message: `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim().slice(0, 300),
    });
    return undefined;
  }
  return parsed.data.map((row) => {
    const line = lineOfName(text, row.name);
    // EdgeGallery's templates carry the constant "2" where the MD5 should stand.
    const md5 = /^[0-9a-f]{32}$/i.test(row.checksum ?? '') ? (row.checksum ?? '').toLowerCase() : null;
    if (row.checksum && md5 === null && row.diskFormat)
      findings.add('checksumConstant', imagesFile, line, {
        name: row.name,
        checksum: row.checksum.slice(0, 80),
      });
    const location = row.swImage ?? null;
    const inside = location !== null && files.has(location);
    if (location !== null && !inside) {
      const meantInside = /^Image\//i.test(location);
      findings.add(meantInside ? 'imageFileMissing' : 'imageOutside', imagesFile, line, {
        name: row.name,
        location: location.slice(0, 300),
      });
    }
    return {
      name: row.name,
      version: row.version ?? '',
      mode: inside ? ('embedded' as const) : ('reference' as const),
      digest: /^sha256:[0-9a-f]{64}$/.test(row.digest ?? '') ? (row.digest ?? null) : null,
      md5,
      size: row.size ?? null,
      virtualSize: row.virtualSize ?? null,
      format: row.diskFormat ?? '',
      architecture: row.architecture ?? '',
      os: row.operatingSystem ?? null,
      location,
      mediaType: row.mediaType ?? null,
      platforms: row.platforms ?? [],
    };
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function lineOfName(text: string, name: string): number | undefined {
  const at = text.indexOf(JSON.stringify(name));
  return at < 0 ? undefined : text.slice(0, at).split('\n').length;
}
