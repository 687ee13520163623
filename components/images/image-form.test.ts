import { describe, expect, it } from 'vitest';
import { editForm, emptyFacts, fetchForm, guessFrom, uploadForm } from './image-form';

const file = (name: string, start: Uint8Array<ArrayBuffer> | string) => new File([start], name);

describe('guessFrom', () => {
  it.each([
    ['disk.img', new Uint8Array([0x51, 0x46, 0x49, 0xfb]), 'qcow2', 'disk'],
    ['a.b.vmdk', 'KDMV', 'vmdk', 'a.b'],
    ['x.vmdk', '# Disk DescriptorFile', 'vmdk', 'x'],
    ['disk.vhdx', 'vhdxfile', 'vhdx', 'disk'],
    ['cd.iso', '', 'iso', 'cd'],
    ['disk.qcow2', 'only called so', 'raw', 'disk'],
    ['plain', 'x', 'raw', 'plain'],
  ])('%s', async (name, start, format, title) => {
    expect(await guessFrom(file(name, start))).toEqual({ format, name: title });
  });

  it('knows a VDI by what stands at byte 64', async () => {
    const bytes = new Uint8Array(128);
    bytes.set([0x7f, 0x10, 0xda, 0xbe], 64);
    expect(await guessFrom(file('x', bytes))).toMatchObject({ format: 'vdi' });
  });
});

describe('the forms', () => {
  const values = {
    ...emptyFacts,
    name: 'A disk',
    checksum: '',
    url: 'https://example.org/x',
    sha256: 'a'.repeat(64),
  };

  it('take empty fields as nothing said', () => {
    expect(uploadForm.parse(values)).toMatchObject({ os: undefined, login: undefined, checksum: undefined });
    const edited = editForm.parse({ ...values, minMemoryMiB: '256' });
    expect(edited).toMatchObject({ os: null, login: null, minMemoryMiB: 256 });
  });

  it.each([
    ['name', { name: ' ' }],
    ['login', { login: 'No Account' }],
    ['checksum', { checksum: 'abc' }],
    ['projectId', { visibility: 'project' }],
  ])('name the field that does not fit: %s', (field, part) => {
    const parsed = uploadForm.safeParse({ ...values, ...part });
    expect(parsed.error?.issues.map(({ path }) => path[0])).toEqual([field]);
  });

  it('fetch only what has a digest and an http address', () => {
    expect(fetchForm.safeParse(values).success).toBe(true);
    expect(fetchForm.safeParse({ ...values, sha256: '' }).success).toBe(false);
    expect(fetchForm.safeParse({ ...values, url: 'file:///etc/shadow' }).success).toBe(false);
  });
});
