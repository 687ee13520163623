/**
 * How many bytes two texts have in common where one goes on with the other: the longest end of `before` that `after`
 * begins with. By the failure function of Knuth, Morris and Pratt, so that lines which repeat cost no more.
 *
 * @param before what was seen
 * @param after what is seen now
 * @returns bytes
 */
export function overlap(before: Buffer, after: Buffer): number {
  const failure = failures(after.subarray(0, before.length));
  let matched = 0;
  for (const [index, byte] of before.entries()) {
    while (matched > 0 && (matched === failure.length || after[matched] !== byte)) {
      matched = failure[matched - 1] ?? 0;
    }
    if (after[matched] === byte && matched < failure.length) matched++;
    if (index === before.length - 1) return matched;
  }
  return 0;
}

/** For every prefix, the length of its longest end that is its beginning, too. */
function failures(pattern: Buffer): Uint32Array {
  const failure = new Uint32Array(pattern.length);
  let matched = 0;
  for (let at = 1; at < pattern.length; at++) {
    while (matched > 0 && pattern[matched] !== pattern[at]) matched = failure[matched - 1] ?? 0;
    if (pattern[matched] === pattern[at]) matched++;
    failure[at] = matched;
  }
  return failure;
}
