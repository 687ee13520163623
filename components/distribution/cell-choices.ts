/**
 * Choices that together name exactly these cells: one says "these edges × these releases", which may be more.
 *
 * @returns one for each set of edges that releases have in common
 */
export function choicesOf(
  cells: readonly { releaseId: string; edgeId: string }[],
): { edgeIds: string[]; releaseIds: string[] }[] {
  const edgesOf = new Map<string, string[]>();
  for (const { releaseId, edgeId } of cells)
    edgesOf.set(releaseId, [...(edgesOf.get(releaseId) ?? []), edgeId]);
  const alike = new Map<string, { edgeIds: string[]; releaseIds: string[] }>();
  for (const [releaseId, edges] of edgesOf) {
    const edgeIds = edges.toSorted();
    const key = edgeIds.join(' ');
    const choice = alike.get(key);
    if (choice) choice.releaseIds.push(releaseId);
    else alike.set(key, { edgeIds, releaseIds: [releaseId] });
  }
  return [...alike.values()];
}
