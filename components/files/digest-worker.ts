import { digestOfFile } from './file-digest';

export type DigestAnswer = { digest: string } | { error: string };

// Hashing gigabytes on the page's own thread would make it stutter.
self.addEventListener('message', ({ data }: MessageEvent<Blob>) => {
  void digestOfFile(data).then(
    (digest) => tell({ digest }),
    (error: unknown) => tell({ error: error instanceof Error ? error.name : 'Error' }),
  );
});

function tell(answer: DigestAnswer): void {
  self.postMessage(answer, { transfer: [] });
}
