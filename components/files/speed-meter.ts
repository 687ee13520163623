const spanMs = 4000;

/** Bytes per second over the last seconds: steady enough to be read, quick enough to show a stall. */
export function speedMeter(now: () => number = () => performance.now()) {
  const samples: { at: number; bytes: number }[] = [];
  const forget = () => {
    while (samples[0] && now() - samples[0].at > spanMs) samples.shift();
  };
  return {
    add(bytes: number): void {
      samples.push({ at: now(), bytes });
      forget();
    },
    perSecond(): number {
      forget();
      const [first] = samples;
      if (!first) return 0;
      const bytes = samples.reduce((sum, sample) => sum + sample.bytes, 0);
      return (bytes * 1000) / Math.max(500, now() - first.at);
    },
  };
}
