import { digestOfFile } from './file-digest';

export type DigestAnswer = { digest: string } | { error: string };

// Hashing gigabytes on the page's own thread would make it stutter.
self.addEventListener('message', async ({ data }: MessageEvent<Blob>) => {
  const answer: DigestAnswer = await digestOfFile(data).then(
    (digest) => ({ digest }),
    (error: unknown) => ({ error: error instanceof Error ? error.name : 'Error' }),
  );
  self.postMessage(answer, { transfer: [] });
});
