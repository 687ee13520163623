import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { expect, it } from 'vitest';
import { openBundledProcess } from './bundled-process';
import { memorySecrets } from './testing';
import { openTokenSigner } from './token-signer';

it('tells those who wait for the bundled registry when it is stopped instead', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'edgeyard-stopped-'));
  const bundled = openBundledProcess({
    dir,
    host: '127.0.0.1',
    port: 0,
    signer: openTokenSigner(memorySecrets()),
    uploadSecret: 'secret',
    log: pino({ level: 'silent' }),
    changed: () => undefined,
  });
  const waiting = expect(bundled.ready()).rejects.toMatchObject({
    code: 'unavailable',
    key: 'registries.errors.bundledEnded',
  });
  await bundled.stop();
  await waiting;
  rmSync(dir, { recursive: true });
});
