import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import type { House } from '../house';
import { consoleUpgrade } from './console-socket';

it('leaves a path whose id cannot be decoded to others, before anything is asked', () => {
  const upgrade = consoleUpgrade({} as House);
  const request = { url: '/api/v1/vms/%zz/console?ticket=abc' } as IncomingMessage;
  expect(upgrade(request, new PassThrough(), Buffer.alloc(0))).toBe(false);
});
