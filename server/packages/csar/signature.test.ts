import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { edgeGalleryTree, writeTree, type Tree } from './foreign-fixture';
import { openCsar } from './open-csar';
import { signatureOf } from './signature';

let dir: string;
let certificate: string;
let other: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'edgeyard-signed-'));
  for (const name of ['acme', 'other']) {
    const subject = ['-subj', `/CN=${name}`, '-days', '2', '-nodes', '-newkey', 'rsa:2048'];
    openssl('req', '-x509', ...subject, '-keyout', `${name}.key`, '-out', `${name}.pem`);
  }
  certificate = readFileSync(join(dir, 'acme.pem'), 'utf8');
  other = readFileSync(join(dir, 'other.pem'), 'utf8');
});

afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

function openssl(...args: string[]): string {
  return execFileSync('openssl', args, { cwd: dir, stdio: ['ignore', 'pipe', 'ignore'] }).toString();
}

/** The manifest with its signature at its end. */
function signed(text: string, ...how: string[]): string {
  writeFileSync(join(dir, 'text'), text);
  const keys = ['-signer', 'acme.pem', '-inkey', 'acme.key'];
  return text + openssl('cms', '-sign', '-binary', '-in', 'text', '-outform', 'PEM', ...keys, ...how);
}

async function stateOf(change: (tree: Tree, manifest: string) => Tree, signers: string) {
  const tree = await edgeGalleryTree('true');
  const manifest = `${String(tree['vm_test.mf'])}\n`;
  const csar = await openCsar(
    await writeTree(join(dir, 'signed.csar'), { ...tree, ...change(tree, manifest) }),
  );
  try {
    return await signatureOf(csar, signers);
  } finally {
    csar.close();
  }
}

describe('a signature', () => {
  it.each([
    ['detached', []],
    ['with the text inside, as EdgeGallery makes it', ['-nodetach']],
  ])('%s is trusted by who knows its maker', async (_what, how) => {
    const make = (_tree: Tree, manifest: string) => ({ 'vm_test.mf': signed(manifest, ...how) });
    expect(await stateOf(make, certificate)).toBe('trusted');
    expect(await stateOf(make, other)).toBe('untrusted');
    expect(await stateOf(make, '')).toBe('untrusted');
  });

  it.each([
    ['detached', []],
    ['with the text inside', ['-nodetach']],
  ])('%s of another text is wrong', async (_what, how) => {
    const make = (_tree: Tree, manifest: string) => ({
      'vm_test.mf': signed(manifest, ...how).replace('a VM', 'another VM'),
    });
    expect(await stateOf(make, certificate)).toBe('wrong');
  });

  it('whose certificate lies beside the manifest is found', async () => {
    const make = (_tree: Tree, manifest: string) => ({
      'vm_test.mf': signed(manifest, '-nocerts'),
      'vm_test.cert': certificate,
    });
    expect(await stateOf(make, certificate)).toBe('trusted');
  });

  it('need not be there, and is wrong when it is none', async () => {
    expect(await stateOf((tree) => tree, certificate)).toBe('none');
    const broken = '-----BEGIN CMS-----\nAAAA\n-----END CMS-----\n';
    expect(await stateOf((_tree, manifest) => ({ 'vm_test.mf': manifest + broken }), certificate)).toBe(
      'wrong',
    );
  });
});
