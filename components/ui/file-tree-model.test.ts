import { describe, expect, it } from 'vitest';
import { treeOf, visibleRows, type TreeNode } from './file-tree-model';

const collator = new Intl.Collator('en', { numeric: true });

describe('treeOf', () => {
  it('makes the folders that only paths name, folders first, 9 before 10', () => {
    const tree = treeOf(
      [
        { path: 'readme.md', kind: 'file' },
        { path: 'images/disk-10.raw', kind: 'file', size: 10 },
        { path: 'images/disk-9.raw', kind: 'file' },
        { path: 'a/b/', kind: 'folder' },
      ],
      collator,
    );
    expect(names(tree)).toEqual([
      'a',
      'a/b',
      'images',
      'images/disk-9.raw',
      'images/disk-10.raw',
      'readme.md',
    ]);
    expect(tree[1]?.children[1]?.entry.size).toBe(10);
  });

  it('takes a folder named after its files, and paths with empty parts', () => {
    const tree = treeOf(
      [
        { path: '/x//y', kind: 'file' },
        { path: 'x/', kind: 'folder', note: 'kept' },
      ],
      collator,
    );
    expect(tree).toHaveLength(1);
    expect(tree[0]).toMatchObject({ name: 'x', entry: { note: 'kept' }, children: [{ name: 'y' }] });
  });
});

describe('visibleRows', () => {
  it('shows the content of open folders only, with its level', () => {
    const tree = treeOf([{ path: 'a/b/c', kind: 'file' }], collator);
    const shown = (open: string[]) =>
      visibleRows(tree, new Set(open)).map((row) => `${row.level} ${row.node.name}`);
    expect(shown([])).toEqual(['1 a']);
    expect(shown(['a/b'])).toEqual(['1 a']);
    expect(shown(['a', 'a/b'])).toEqual(['1 a', '2 b', '3 c']);
  });
});

function names(nodes: readonly TreeNode[]): string[] {
  return nodes.flatMap((node) => [node.entry.path.replace(/\/$/, ''), ...names(node.children)]);
}
