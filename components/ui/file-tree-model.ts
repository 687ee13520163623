import type { Tone } from './tone';

export interface FileTreeEntry {
  /** With `/` between its parts. */
  path: string;
  kind: 'file' | 'folder';
  /** Bytes. */
  size?: number;
  tone?: Tone;
  note?: string;
}

export interface TreeNode {
  name: string;
  entry: FileTreeEntry;
  children: TreeNode[];
}

/**
 * A tree out of a flat list; folders that no entry names are made from the paths.
 *
 * @returns the top nodes: folders first, names in the order of `collator`
 */
export function treeOf(entries: readonly FileTreeEntry[], collator: Intl.Collator): TreeNode[] {
  const root: TreeNode = { name: '', entry: { path: '', kind: 'folder' }, children: [] };
  const byPath = new Map([['', root]]);
  const nodeAt = (path: string): TreeNode => {
    const known = byPath.get(path);
    if (known !== undefined) return known;
    const cut = path.lastIndexOf('/');
    const node: TreeNode = { name: path.slice(cut + 1), entry: { path, kind: 'folder' }, children: [] };
    byPath.set(path, node);
    nodeAt(cut < 0 ? '' : path.slice(0, cut)).children.push(node);
    return node;
  };
  for (const entry of entries) {
    const path = entry.path.split('/').filter(Boolean).join('/');
    if (path !== '') nodeAt(path).entry = entry;
  }
  sortNodes(root.children, collator);
  return root.children;
}

function sortNodes(nodes: TreeNode[], collator: Intl.Collator): void {
  nodes.sort((a, b) => {
    const folders = Number(b.entry.kind === 'folder') - Number(a.entry.kind === 'folder');
    return folders === 0 ? collator.compare(a.name, b.name) : folders;
  });
  for (const node of nodes) sortNodes(node.children, collator);
}

export interface TreeRow {
  node: TreeNode;
  level: number;
  open: boolean;
}

/** The rows to be seen: a folder's content only where it is open. */
export function visibleRows(nodes: readonly TreeNode[], open: ReadonlySet<string>, level = 1): TreeRow[] {
  return nodes.flatMap((node) => {
    const isOpen = node.entry.kind === 'folder' && open.has(node.entry.path);
    return [{ node, level, open: isOpen }, ...(isOpen ? visibleRows(node.children, open, level + 1) : [])];
  });
}
