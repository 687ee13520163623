import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { testDatabase } from '../db/testing';
import { openSecretKey } from './secret-key';
import { keyIdsInUse, openSecrets } from './secrets';
import { secrets } from './tables';

function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'edgeyard-key-'));
  const db = testDatabase();
  const key = openSecretKey(folder, []);
  return { folder, db, room: openSecrets(db, key), file: join(folder, 'secret.key') };
}

describe('secrets', () => {
  it('are read back, replaced and removed, and never stored plainly or twice the same', () => {
    const { db, room } = setUp();
    room.put('a', 'hush');
    const first = db.select().from(secrets).get()?.sealed;
    room.put('a', 'hush');
    expect(db.select().from(secrets).get()?.sealed).not.toBe(first);
    expect(room.read('a')).toBe('hush');
    expect(room.has('a')).toBe(true);
    room.remove('a');
    expect([room.has('a'), room.read('a')]).toEqual([false, undefined]);
  });

  it('do not open in the row of another name, nor changed', () => {
    const { db, room } = setUp();
    room.put('a', 'hush');
    const sealed = db.select().from(secrets).get()?.sealed ?? '';
    room.put('b', 'other');
    db.update(secrets).set({ sealed }).where(eq(secrets.name, 'b')).run();
    expect(() => room.read('b')).toThrow();
    const changed = Buffer.from(sealed, 'base64');
    changed[14] = (changed[14] ?? 0) ^ 1;
    db.update(secrets)
      .set({ sealed: changed.toString('base64') })
      .where(eq(secrets.name, 'a'))
      .run();
    expect(() => room.read('a')).toThrow();
  });
});

describe('the key file', () => {
  it('is for the owner only, and stays', () => {
    const { folder, file, db, room } = setUp();
    room.put('a', 'hush');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = openSecrets(db, openSecretKey(folder, keyIdsInUse(db)));
    expect(again.read('a')).toBe('hush');
  });

  it.each([
    ['missing', (file: string) => rmSync(file), /is missing/],
    ['damaged', (file: string) => writeFileSync(file, 'short'), /is damaged/],
    [
      'another',
      (file: string) => writeFileSync(file, Buffer.alloc(32, 1).toString('base64')),
      /is not the key/,
    ],
  ])('stops the start when it is %s and there are secrets', (_, harm, words) => {
    const { folder, file, db, room } = setUp();
    room.put('a', 'hush');
    harm(file);
    expect(() => openSecretKey(folder, keyIdsInUse(db))).toThrow(words);
  });
});
