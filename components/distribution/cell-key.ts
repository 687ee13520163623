interface OfCell {
  releaseId: string;
  edgeId: string;
}

const keyOf = (edgeId: string, releaseId: string) => `${edgeId} ${releaseId}`;

/** Finds cells by their edge and release. */
export function cellFinder<Cell extends OfCell>(cells: readonly Cell[]) {
  const byKey = new Map(cells.map((cell) => [keyOf(cell.edgeId, cell.releaseId), cell]));
  return (edgeId: string, releaseId: string): Cell | undefined => byKey.get(keyOf(edgeId, releaseId));
}
