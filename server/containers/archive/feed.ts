/**
 * Hands the bytes of several requests on as one stream. A piece counts as taken when the reader has asked for the
 * next one, so that no more than one piece is held.
 */
export class Feed implements AsyncIterable<Buffer> {
  private readonly waiting: { chunk: Buffer; taken: () => void }[] = [];
  private wake: (() => void) | undefined;
  private ended = false;
  private failure: Error | undefined;
  private closed = false;

  /** Resolves once the reader took the piece, or reads no more. @throws the failure that ended the feed */
  push(chunk: Buffer): Promise<void> {
    if (this.failure) return Promise.reject(this.failure);
    if (this.closed || chunk.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.push({ chunk, taken: resolve });
      this.wake?.();
    });
  }

  /** There is no more. */
  end(): void {
    this.ended = true;
    this.wake?.();
  }

  /** Ends it with an error, on both sides. */
  fail(error: Error): void {
    this.failure = error;
    this.wake?.();
    for (const { taken } of this.waiting.splice(0)) taken();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        if (this.failure) throw this.failure;
        const next = this.waiting.shift();
        if (next) {
          next.taken();
          yield next.chunk;
          continue;
        }
        if (this.ended) return;
        await new Promise<void>((resolve) => (this.wake = resolve));
        this.wake = undefined;
      }
    } finally {
      // Whoever still sends is not kept waiting for a reader that has gone.
      this.closed = true;
      for (const { taken } of this.waiting.splice(0)) taken();
    }
  }
}
