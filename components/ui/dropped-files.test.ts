import { describe, expect, it } from 'vitest';
import { filesOfDrop } from './dropped-files';

// Node has no drag and drop; these stand in for what a browser hands over.
function fileEntry(path: string): FileSystemEntry {
  const file = new File(['x'], path.slice(path.lastIndexOf('/') + 1));
  return {
    isDirectory: false,
    fullPath: path,
    file: (done: (file: File) => void) => done(file),
  } as unknown as FileSystemEntry;
}

function folderEntry(path: string, batches: FileSystemEntry[][]): FileSystemEntry {
  return {
    isDirectory: true,
    fullPath: path,
    createReader: () => {
      const left = [...batches];
      return { readEntries: (done: (entries: FileSystemEntry[]) => void) => done(left.shift() ?? []) };
    },
  } as unknown as FileSystemEntry;
}

function drop(entries: FileSystemEntry[]): DataTransfer {
  const items = entries.map((entry) => ({
    webkitGetAsEntry: () => entry,
    getAsFile: () => (entry.isDirectory ? null : new File(['x'], entry.fullPath.slice(1))),
  }));
  return { items } as unknown as DataTransfer;
}

const site = folderEntry('/site', [
  [fileEntry('/site/index.html')],
  [folderEntry('/site/img', [[fileEntry('/site/img/a.png')]]), fileEntry('/site/z.css')],
]);

describe('filesOfDrop', () => {
  it('walks folders through every batch of their listing and keeps the paths', async () => {
    const files = await filesOfDrop(drop([fileEntry('/disk.qcow2'), site]), true);
    expect(files.map((file) => file.webkitRelativePath || file.name)).toEqual([
      'disk.qcow2',
      'site/index.html',
      'site/img/a.png',
      'site/z.css',
    ]);
  });

  it('leaves folders out where they are not wanted', async () => {
    const files = await filesOfDrop(drop([site, fileEntry('/disk.qcow2')]), false);
    expect(files.map((file) => file.name)).toEqual(['disk.qcow2']);
  });

  it('takes nothing from a drop of text', async () => {
    const text = {
      items: [{ webkitGetAsEntry: () => null, getAsFile: () => null }],
    } as unknown as DataTransfer;
    expect(await filesOfDrop(text, true)).toEqual([]);
  });
});
