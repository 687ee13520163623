import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { edgeGalleryTree, manifestFor, writeTree } from './foreign-fixture';
import { inspectCsar } from './inspect';
import { testImage, testOrder, testProject } from './order-fixture';
import { writeCsar } from './write-csar';

let dir = '';
const at = (name: string) => join(dir, name);

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'csar-inspect-'));
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

describe('inspectCsar', () => {
  it('finds nothing wrong with a package we built', async () => {
    const image = testImage(dir);
    await writeCsar(at('own.csar'), testOrder(testProject(image.id), image), () => image.path);
    const seen = await inspectCsar(at('own.csar'));
    expect(seen.findings).toEqual([]);
    expect(seen).toMatchObject({
      name: 'Edge Cam 摄像头',
      provider: 'ACME',
      version: '1.2.0',
      kind: 'vm',
      description: 'Counts cars. And bicycles.',
      verification: 'verified',
      images: [{ name: 'Debian_12', mode: 'embedded', digest: image.digest, md5: image.md5 }],
    });
    expect(seen.files.filter((file) => file.hash === 'match')).toHaveLength(9);
    expect(seen.files.map((file) => file.path)).toContain('APPD/Edge_Cam.zip!/Definition/Edge_Cam.yaml');
  });

  it('opens EdgeGallery’s old form and names its slips with their lines', async () => {
    const seen = await inspectCsar(await writeTree(at('eg.csar'), await edgeGalleryTree('true')));
    expect(seen).toMatchObject({ name: 'vm_test', version: 'v1.0', verification: 'verified' });
    const said = seen.findings.map(({ rule, file, line }) => `${rule} ${file}:${line ?? ''}`);
    expect(said).toEqual(
      expect.arrayContaining([
        'nameMissing TOSCA-Metadata/TOSCA.meta:9',
        'unknownFunction APPD/vm_test.zip!/Definition/vm_test.yaml:13',
        'bindingUnknown APPD/vm_test.zip!/Definition/vm_test.yaml:18',
        'checksumConstant Image/SwImageDesc.json:1',
        'imageOutside Image/SwImageDesc.json:1',
        'manifestUnnamed TOSCA-Metadata/TOSCA.meta:',
      ]),
    );
  });

  it('calls a package with stale hashes unverified, and does not refuse it', async () => {
    const seen = await inspectCsar(await writeTree(at('stale.csar'), await edgeGalleryTree('stale')));
    expect(seen.verification).toBe('unverified');
    expect(seen.findings.filter((finding) => finding.rule === 'hashMismatch')).toHaveLength(6);
    expect(seen.findings[0]).toMatchObject({ severity: 'error' });
  });

  it('sees through one wrapping folder', async () => {
    const tree = await edgeGalleryTree('true');
    const seen = await inspectCsar(await writeTree(at('wrapped.zip'), tree, 'vm_test_package/'));
    expect(seen).toMatchObject({ name: 'vm_test', verification: 'verified' });
    expect(seen.findings.map((finding) => finding.rule)).toContain('wrappingFolder');
  });

  it('finds the zipped descriptor that a container package names by a path inside it', async () => {
    const { 'vm_test.mf': _manifest, ...tree } = await edgeGalleryTree('true');
    const files = {
      ...tree,
      'TOSCA-Metadata/TOSCA.meta': String(tree['TOSCA-Metadata/TOSCA.meta']).replace(
        'APPD/vm_test.zip',
        'APPD/Definition/MainServiceTemplate.yaml',
      ),
    };
    const manifest = manifestFor(files).replace('app_class: vm', 'app_class: container');
    const seen = await inspectCsar(await writeTree(at('c.csar'), { ...files, 'vm_test.mf': manifest }));
    expect(seen).toMatchObject({ kind: 'container', verification: 'verified' });
    expect(seen.findings.map((finding) => finding.rule)).not.toContain('entryMissing');
  });

  it('is unverified when a file is not listed, or a listed one is not there', async () => {
    const tree = await edgeGalleryTree('true');
    const more = await inspectCsar(await writeTree(at('more.csar'), { ...tree, 'Artifacts/extra.sh': 'rm' }));
    expect(more.verification).toBe('unverified');
    const { 'Artifacts/ChangeLog.txt': _gone, ...less } = tree;
    const seen = await inspectCsar(await writeTree(at('less.csar'), less));
    expect(seen.verification).toBe('unverified');
    expect(seen.findings).toContainEqual(
      expect.objectContaining({ rule: 'sourceMissing', params: { path: 'Artifacts/ChangeLog.txt' } }),
    );
  });

  it('says where a descriptor is not YAML, and that a signature was not checked', async () => {
    const { 'vm_test.mf': _manifest, ...tree } = await edgeGalleryTree('true');
    const files = { ...tree, 'APPD/vm_test.zip': 'no zip' };
    const signed = `${manifestFor(files)}\n-----BEGIN CMS-----\nMIIG\n-----END CMS-----\n`;
    const seen = await inspectCsar(await writeTree(at('y.csar'), { ...files, 'vm_test.mf': signed }));
    const found = seen.findings.map((finding) => finding.rule);
    expect(found).toContain('descriptorUnreadable');
    expect(found).toContain('signatureUnchecked');
    expect(seen.verification).toBe('verified');
  });

  it('refuses what is no archive, and an archive that is no package', async () => {
    writeFileSync(at('text.csar'), 'hello');
    await expect(inspectCsar(at('text.csar'))).rejects.toMatchObject({ key: 'packages.errors.notAnArchive' });
    const other = await writeTree(at('other.csar'), { 'readme.txt': 'hello' });
    await expect(inspectCsar(other)).rejects.toMatchObject({ key: 'packages.errors.noPackage' });
  });
});
