import { expect, it, vi } from 'vitest';
import { maxFileBytes } from '../sites/seed';
import { createVmInput } from './schemas';
import { fakeImage } from '../sites/fake/fake-site';
import { ada, openBench, projectInput, vmInput } from './testing';

const file = { path: '/etc/app.conf', contentBase64: 'aGVsbG8=' };
const accepts = (...files: { path: string; contentBase64: string; mode?: string }[]) =>
  createVmInput.safeParse({ ...vmInput, files }).success;

it('files reach the site with the seed, and the page without their content', async () => {
  const bench = await openBench();
  const create = vi.spyOn(bench.site.vms, 'create');
  const { id } = bench.workbench.projects.create(ada, projectInput);
  const files = [file, { ...file, path: '/root/key', mode: '0600' }];
  const { vm, job } = await bench.workbench.vms.create(ada, id, { ...vmInput, files });
  if (job) await bench.jobs.settled(job.id);
  expect(create.mock.calls[0]?.[0].seed.files).toEqual([
    { ...file, mode: '0644' },
    { ...file, path: '/root/key', mode: '0600' },
  ]);
  expect(bench.workbench.vms.get(ada, vm.id).files).toEqual([
    { path: '/etc/app.conf', mode: '0644', size: 5 },
    { path: '/root/key', mode: '0600', size: 5 },
  ]);
});

it('an image that reads no seed is refused rather than left without its files', async () => {
  const bench = await openBench();
  bench.site.controls.addImage({ ...fakeImage({ id: 'plain' }), cloudInit: false });
  const { id } = bench.workbench.projects.create(ada, projectInput);
  const input = { ...vmInput, imageId: 'plain', files: [file] };
  await expect(bench.workbench.vms.create(ada, id, input)).rejects.toMatchObject({
    key: 'workbench.errors.filesNeedSeed',
  });
});

it.each(['/a', '/opt/my app/münchen.conf', '/etc/.hidden', '/etc/..data'])(
  'the path %s can be written to',
  (path) => {
    expect(accepts({ ...file, path })).toBe(true);
  },
);

it.each([
  '',
  '/',
  'etc/a',
  '/etc/',
  '/etc//a',
  '/etc/../shadow',
  '/etc/.',
  '/a"b',
  '/a\\b',
  '/a\nb',
  `/${'a'.repeat(255)}`,
])('the path %j is refused', (path) => {
  expect(accepts({ ...file, path })).toBe(false);
});

it('two of one path are refused, and more than fits, to the byte', () => {
  expect(accepts(file, file)).toBe(false);
  expect(accepts({ ...file, mode: '9999' })).toBe(false);
  const sized = (bytes: number) => ({ path: '/big', contentBase64: Buffer.alloc(bytes).toString('base64') });
  for (const rest of [0, 1, 2]) {
    const first = { path: '/first', contentBase64: Buffer.alloc(rest).toString('base64') };
    expect(accepts(first, sized(maxFileBytes - rest))).toBe(true);
    expect(accepts(first, sized(maxFileBytes - rest + 1))).toBe(false);
  }
});
