interface Bucket {
  tokens: number;
  at: number;
}

/** Buckets kept at most; full ones are dropped first, they say nothing. */
const most = 20_000;

/**
 * A rate limit that answers at once (the guard of every request must not wait): each key has a bucket of tokens that
 * fills steadily.
 *
 * @param capacity tokens of a full bucket: the largest burst
 * @param perSecond how fast it fills
 * @returns takes a token of a key's bucket: 0 when there was one, else the seconds until there is
 */
export function tokenBuckets(capacity: number, perSecond: number): (key: string, now?: number) => number {
  const buckets = new Map<string, Bucket>();

  const levelOf = (bucket: Bucket, now: number) =>
    Math.min(capacity, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);

  function makeRoom(now: number): void {
    for (const [key, bucket] of buckets) if (levelOf(bucket, now) >= capacity) buckets.delete(key);
    // Still too many: an attacker with many addresses. Forgetting the oldest keeps memory bounded.
    for (const key of buckets.keys()) {
      if (buckets.size < most) return;
      buckets.delete(key);
    }
  }

  return (key, now = Date.now()) => {
    const bucket = buckets.get(key) ?? { tokens: capacity, at: now };
    const level = levelOf(bucket, now);
    if (!buckets.has(key) && buckets.size >= most) makeRoom(now);
    if (level < 1) return (1 - level) / perSecond;
    buckets.set(key, { tokens: level - 1, at: now });
    return 0;
  };
}
