/** Readers of the line-based files of a package: TOSCA.meta and the manifest, with the line of everything they say. */

export interface Said {
  value: string;
  /** From 1. */
  line: number;
}

export interface ToscaMeta {
  /** Keys of the first block, in lower case: both spellings of `Created-By` exist. */
  head: Map<string, Said>;
  /** `Name:` entries with their content type, when one is given. */
  named: { path: Said; contentType: string | undefined }[];
}

export interface Manifest {
  /** Keys such as `app_product_name`. */
  metadata: Map<string, Said>;
  sources: { path: Said; algorithm: string; hash: string }[];
  /** Line of a CMS signature block. */
  signatureLine: number | undefined;
}

/** Reads TOSCA.meta, tolerating missing blank lines, any case of keys, and Windows line ends. */
export function readToscaMeta(text: string): ToscaMeta {
  const meta: ToscaMeta = { head: new Map(), named: [] };
  for (const { key, value, line } of pairs(text)) {
    const last = meta.named.at(-1);
    if (key === 'name') meta.named.push({ path: { value, line }, contentType: undefined });
    else if (last === undefined) meta.head.set(key, { value, line });
    else if (key === 'content-type') last.contentType = value;
  }
  return meta;
}

/** Reads a manifest in all the forms that were seen: quoted values, `Hash:` without a space, no final newline. */
export function readManifest(text: string): Manifest {
  const manifest: Manifest = { metadata: new Map(), sources: [], signatureLine: undefined };
  for (const { key, value, line } of pairs(text)) {
    const last = manifest.sources.at(-1);
    if (key === 'signature') {
      manifest.signatureLine = line;
      break;
    }
    if (key === 'source') manifest.sources.push({ path: { value, line }, algorithm: '', hash: '' });
    else if (key === 'algorithm' && last !== undefined) last.algorithm = value.toUpperCase();
    else if (key === 'hash' && last !== undefined) last.hash = value.toLowerCase();
    else if (key !== 'metadata') manifest.metadata.set(key, { value, line });
  }
  return manifest;
}

function* pairs(text: string): Generator<{ key: string; value: string; line: number }> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  for (const [index, raw] of lines.entries()) {
    if (/^-----BEGIN (CMS|PKCS7)-----/.test(raw.trim()))
      yield { key: 'signature', value: '', line: index + 1 };
    const match = /^\s*([\w-]+)\s*:\s*(.*?)\s*$/.exec(raw);
    if (match === null) continue;
    const value = (match[2] ?? '').replace(/^(["'])(.*)\1$/, '$2');
    yield { key: (match[1] ?? '').toLowerCase(), value, line: index + 1 };
  }
}
