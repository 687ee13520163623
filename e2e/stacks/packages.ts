/** App packages from other makers: honest ones, and such as attackers send. */
import { once } from 'node:events';
import yazl from 'yazl';
import { sha256OfBytes } from './csar';
import type { Person } from './people';
import { upload } from './tus';

/** One member of an archive. */
export interface Member {
  path: string;
  content: string | Buffer;
  /** Unix mode, type bits included. */
  mode?: number;
  /** What stands in the archive instead of `path`; as many bytes. */
  called?: string;
}

export interface PackageAnswer {
  id: string;
  name: string;
  state: string;
  verification: 'verified' | 'unverified' | null;
  digest: string | null;
  error: { code: string; key: string; params: Record<string, string | number> } | null;
  findings: { error: number };
  remarks: { rule: string; file: string; severity: string }[];
  refusals: { publish: string | null };
}

export const packageUploads = '/api/v1/packages/uploads';

/**
 * The bytes of a package that describes one VM.
 *
 * @param words what makes it another: name, version, a text inside
 * @param change what to do to its members before they are packed; hashes are those before the change
 */
export async function csarOf(
  words: { name: string; version?: string; text?: string },
  change: (members: Member[]) => Member[] = (members) => members,
): Promise<Buffer> {
  const { name, version = '1.0', text = 'first' } = words;
  const members = [
    {
      path: 'TOSCA-Metadata/TOSCA.meta',
      content:
        'TOSCA-Meta-File-Version: 1.0\nCSAR-Version: 1.1\nCreated-by: Others\nEntry-Definitions: APPD/app.zip\n',
    },
    { path: 'APPD/app.zip', content: await zipOf([{ path: 'Definition/app.yaml', content: descriptor }]) },
    { path: 'Artifacts/ChangeLog.txt', content: text },
    { path: 'Artifacts/Docs/template.md', content: `# ${name}` },
  ];
  const hashes = members.map(
    ({ path, content }) =>
      `Source: ${path}\nAlgorithm: SHA-256\nHash: ${sha256OfBytes(Buffer.from(content))}\n`,
  );
  const metadata = [
    'metadata:',
    `app_product_name: ${name}`,
    'app_provider_id: Others',
    `app_package_version: ${version}`,
    'app_release_data_time: 2026-01-01 10:00',
    'app_type: Video Application',
    'app_class: vm',
    'app_package_description: Made elsewhere',
  ].join('\n');
  const manifest = { path: 'app.mf', content: `${metadata}\n\n${hashes.join('\n')}` };
  return zipOf(change([...members, manifest]));
}

const descriptor = `tosca_definitions_version: tosca_simple_yaml_1_2
metadata: { vnfd_name: app, vnfd_version: '1.0' }
topology_template:
  node_templates:
    VM01: { type: tosca.nodes.nfv.Vdu.Compute }
`;

// The same words give the same bytes, whenever they are packed.
const mtime = new Date(2026, 0, 1);

async function zipOf(members: Member[]): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const { path, content, mode = 0o100644 } of members)
    zip.addBuffer(Buffer.from(content), path, { mode, mtime });
  zip.end();
  const chunks: Buffer[] = [];
  zip.outputStream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(zip.outputStream, 'end');
  const bytes = Buffer.concat(chunks);
  // The writer refuses names that leave the archive; they are put in afterwards.
  for (const { path, called } of members) if (called !== undefined) replaceAll(bytes, path, called);
  return bytes;
}

function replaceAll(bytes: Buffer, from: string, to: string): void {
  if (Buffer.byteLength(from) !== Buffer.byteLength(to)) throw new Error(`${to} is not as long as ${from}`);
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) bytes.write(to, at);
}

/** Sends a package and waits until the server has made up its mind. */
export async function sendPackage(
  person: Person,
  bytes: Buffer,
  more: { projectId?: string } = {},
): Promise<PackageAnswer> {
  const { location } = await upload(person, packageUploads, bytes, { filename: 'app.csar', ...more });
  const id = location.split('/').at(-1) ?? '';
  return person.rest.until(
    async () => (await person.rest.call<PackageAnswer>('GET', `/api/v1/packages/${id}`)).body,
    ({ state }) => state === 'ready' || state === 'failed',
    60,
  );
}
