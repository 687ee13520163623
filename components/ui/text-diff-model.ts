import { diffLines } from 'diff';

export interface DiffLine {
  kind: 'same' | 'added' | 'removed';
  text: string;
  /** Number in the text before and after, counted from 1; absent where it has none. */
  before?: number;
  after?: number;
}

/** Lines that are shown, or a run of unchanged ones that are not. */
export interface DiffBlock {
  folded: boolean;
  lines: DiffLine[];
}

/** Milliseconds after which two texts count as wholly different. */
const patience = 500;

/** Compares two texts line by line, in the order of a unified diff. */
export function linesOfDiff(before: string, after: string): DiffLine[] {
  const changes = diffLines(ended(before), ended(after), { timeout: patience }) ?? [
    { value: ended(before), added: false, removed: true },
    { value: ended(after), added: true, removed: false },
  ];
  const lines: DiffLine[] = [];
  const at = { before: 1, after: 1 };
  for (const { value, added, removed } of changes) {
    for (const text of value.split('\n').slice(0, -1)) {
      if (added) lines.push({ kind: 'added', text, after: at.after++ });
      else if (removed) lines.push({ kind: 'removed', text, before: at.before++ });
      else lines.push({ kind: 'same', text, before: at.before++, after: at.after++ });
    }
  }
  return lines;
}

// A missing end of the last line is no difference of deployments.
const ended = (text: string) => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

/** A fold must hide more than it takes up. */
const leastFolded = 4;

/**
 * Folds what did not change, but for some lines around each change.
 *
 * @param context how many lines stay before and after a change
 */
export function foldedDiff(lines: readonly DiffLine[], context = 3): DiffBlock[] {
  const near = new Set<number>();
  for (const [index, { kind }] of lines.entries()) {
    if (kind === 'same') continue;
    for (let offset = -context; offset <= context; offset++) near.add(index + offset);
  }
  const blocks: DiffBlock[] = [];
  for (const [index, line] of lines.entries()) {
    const folded = !near.has(index);
    const last = blocks.at(-1);
    if (last?.folded === folded) last.lines.push(line);
    else blocks.push({ folded, lines: [line] });
  }
  return blocks.map((block) => ({ ...block, folded: block.folded && block.lines.length >= leastFolded }));
}
