import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenCsar } from './open-csar';

/**
 * What became of a manifest's signature. `wrong`: it is of another text, or damaged. `untrusted`: it fits, and nobody
 * vouches for who made it. `unchecked`: this machine has nothing to check it with.
 */
export type SignatureState = 'none' | 'wrong' | 'unchecked' | 'untrusted' | 'trusted';

/** Milliseconds; a check takes some ten. */
const timeLimit = 20_000;
const block = /-----BEGIN (CMS|PKCS7)-----[\s\S]*?-----END \1-----/;

/**
 * Checks the CMS signature at the end of a manifest (ETSI GS NFV-SOL 004, 4.3; EdgeGallery embeds what it signs), with
 * the `openssl` program: no library for Node reads CMS.
 *
 * @param signers certificates in PEM of those whose signatures count, or of their authorities; empty: of nobody
 */
export async function signatureOf(
  csar: OpenCsar,
  signers: string,
  signal?: AbortSignal,
): Promise<SignatureState> {
  const manifest = csar.files.map(({ path }) => path).find((path) => /^[^/]+\.mf$/i.test(path));
  if (manifest === undefined) return 'none';
  const text = await csar.text(manifest);
  const found = block.exec(text);
  if (found === null) return 'none';
  const dir = await mkdtemp(join(tmpdir(), 'edgeyard-signature-'));
  try {
    const signed = text.slice(0, found.index);
    await writeFile(join(dir, 'signature.pem'), `${found[0]}\n`);
    await writeFile(join(dir, 'manifest'), signed);
    // A certificate that is no part of the signature lies beside the manifest (SOL 004, option 1).
    const beside = manifest.replace(/\.mf$/i, '.cert');
    const certificate = csar.has(beside) ? await csar.text(beside) : '';
    if (certificate !== '') await writeFile(join(dir, 'certificate.pem'), certificate);
    const fits = await verify(dir, signed, { certificate: certificate !== '', signers: false }, signal);
    if (fits === undefined) return 'unchecked';
    if (!fits) return 'wrong';
    if (signers.trim() === '') return 'untrusted';
    await writeFile(join(dir, 'signers.pem'), signers);
    const vouched = await verify(dir, signed, { certificate: certificate !== '', signers: true }, signal);
    return vouched === true ? 'trusted' : 'untrusted';
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/**
 * @param given which files there are; without signers only the signature itself is checked, not who made it
 * @returns undefined where openssl is not installed
 */
async function verify(
  dir: string,
  signed: string,
  given: { certificate: boolean; signers: boolean },
  signal: AbortSignal | undefined,
): Promise<boolean | undefined> {
  const common = ['cms', '-verify', '-inform', 'PEM', '-in', 'signature.pem', '-binary'];
  const certificate = given.certificate ? ['-certfile', 'certificate.pem'] : [];
  // A signer's own certificate counts as well as its authority's.
  const trust = given.signers
    ? ['-CAfile', 'signers.pem', '-no-CApath', '-partial_chain', '-purpose', 'any']
    : ['-noverify'];
  const ask = (more: readonly string[]) => run([...common, ...certificate, ...trust, ...more], dir, signal);
  const embedded = await ask([]);
  if (embedded === 'missing') return undefined;
  // EdgeGallery's holds the text it was made of, with line ends as they came.
  if (embedded !== undefined && embedded !== '') return sameText(embedded, signed);
  return (await ask(['-content', 'manifest'])) !== undefined;
}

const plain = (text: string) => text.replace(/\r\n/g, '\n').trim();
const sameText = (a: string, b: string) => plain(a) === plain(b);

/** @returns what openssl writes; undefined when it refuses, `missing` where it is not installed */
function run(args: string[], cwd: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  const options = { cwd, timeout: timeLimit, maxBuffer: 64 * 2 ** 20, ...(signal ? { signal } : {}) };
  return new Promise((resolve, reject) => {
    execFile('openssl', args, options, (error, stdout) => {
      if (error === null) resolve(stdout);
      else if (signal?.aborted === true) reject(error);
      else resolve(error.code === 'ENOENT' ? 'missing' : undefined);
    });
  });
}
