import { gunzipSync, gzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { asProblem, Problem } from '../../problem';
import { readTar } from '../archive/tar-reader';
import { maxChartBytes } from '../schemas';
import { isObject } from '../../sites/pod-templates';

/** A file of a chart, below the chart's own folder. */
export interface ChartEntry {
  path: string;
  base64: string;
}

/** Bytes of a chart, unpacked, and how many files; Helm's own limit for a release is 1 MiB. */
const maxUnpacked = 16 * 2 ** 20;
const maxFiles = 1000;

/**
 * Reads a chart's archive, a tgz with one folder in it, and proves that it is one.
 *
 * @throws Problem `invalid` of `containers.chart.*` or `containers.archive.*`
 */
export async function readChart(archive: Buffer): Promise<ChartEntry[]> {
  let tar: Buffer;
  try {
    tar = gunzipSync(archive, { maxOutputLength: maxUnpacked });
  } catch (error) {
    throw new Problem('invalid', 'containers.chart.notTgz', { limit: maxUnpacked }, { cause: error });
  }
  const files: ChartEntry[] = [];
  const source = (async function* () {
    yield await Promise.resolve(tar);
  })();
  for await (const entry of readTar(source)) {
    if (entry.type === 'link') throw new Problem('invalid', 'containers.chart.link', { name: entry.name });
    if (entry.type !== 'file') continue;
    const pieces: Buffer[] = [];
    for await (const piece of entry.content) pieces.push(piece);
    files.push({ path: entry.name, base64: Buffer.concat(pieces).toString('base64') });
    if (files.length > maxFiles)
      throw new Problem('invalid', 'containers.chart.tooMany', { limit: maxFiles });
  }
  const root = files.find(({ path }) => /^[^/]+\/Chart\.yaml$/.test(path))?.path.split('/')[0];
  if (root === undefined) throw new Problem('invalid', 'containers.chart.noChartYaml');
  const inside = files
    .filter(({ path }) => path.startsWith(`${root}/`))
    .map(({ path, base64 }) => ({ path: path.slice(root.length + 1), base64 }));
  chartName(inside);
  return inside.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Name of a chart, as its `Chart.yaml` has it. @throws Problem `invalid` */
function chartName(files: readonly ChartEntry[]): string {
  const file = files.find(({ path }) => path === 'Chart.yaml');
  let value: unknown;
  try {
    value = parse(Buffer.from(file?.base64 ?? '', 'base64').toString('utf8'));
  } catch (error) {
    throw new Problem(
      'invalid',
      'containers.chart.badChartYaml',
      {},
      {
        detail: asProblem(error).detail ?? (error instanceof Error ? error.message : ''),
        cause: error,
      },
    );
  }
  const name = isObject(value) ? value.name : undefined;
  if (typeof name !== 'string' || !/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,249}$/.test(name)) {
    throw new Problem('invalid', 'containers.chart.badChartYaml', {}, { detail: 'name' });
  }
  return name;
}

/** Packs a chart; the same files give the same bytes. @throws Problem `too_large`, `invalid` */
export function packChart(files: readonly ChartEntry[]): Buffer {
  const root = chartName(files);
  const blocks = files
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .flatMap(({ path, base64 }) => {
      const content = Buffer.from(base64, 'base64');
      const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
      return [tarHeader(`${root}/${path}`, content.length), content, padding];
    });
  const archive = gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]), { level: 9 });
  // Byte 9 names the machine that packed it (RFC 1952): 255 says "unknown" everywhere.
  archive[9] = 255;
  if (archive.length > maxChartBytes) {
    throw new Problem('too_large', 'containers.chart.tooLarge', { limit: maxChartBytes });
  }
  return archive;
}

/** A ustar header of a plain file (POSIX.1-2017, pax), dated 1970. */
function tarHeader(path: string, size: number): Buffer {
  const block = Buffer.alloc(512);
  const cut = path.length <= 100 ? -1 : path.indexOf('/', path.length - 101);
  if (Buffer.byteLength(path) !== path.length || (path.length > 100 && (cut === -1 || cut > 155))) {
    throw new Problem('invalid', 'containers.chart.badPath', { name: path });
  }
  block.write(cut === -1 ? path : path.slice(cut + 1), 0);
  block.write('0000644\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write('00000000000\0', 136);
  block.write(' '.repeat(8), 148);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  if (cut !== -1) block.write(path.slice(0, cut), 345);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
