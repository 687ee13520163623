import { expect, it } from 'vitest';
import { copyArtifact } from '../../oci/copy-artifact';
import { testDatabase } from '../../db/testing';
import type { ImageLocation } from '../../store/schemas';
import { openSyncedImages } from './synced-images';
import { operationImages } from './tables';
import { memoryRegistries } from './testing';

const row = { id: 'srel_1', name: 'web', version: '1.0' };
const digestOf = (n: number) => `sha256:${String(n).padStart(64, '0')}`;
const at = (n: number): ImageLocation => ({
  name: `web:${n}`,
  digest: digestOf(n),
  artifact: {
    repository: `acme/web/${n}`,
    tag: '1',
    digest: digestOf(n),
    mediaType: 'm',
    platforms: [],
    size: 1,
  },
});

it('frees what no row names, and reads all rows once for it', async () => {
  const db = testDatabase();
  const { registries, held } = memoryRegistries();
  const all = Array.from({ length: 20 }, (_, n) => at(n));
  for (const { artifact } of all) {
    const { repository = '', digest = '' } = artifact ?? {};
    db.insert(operationImages).values({ repository, digest }).run();
    held.add(`operations/${repository}@${digest}`);
  }
  const asked: (string | undefined)[] = [];
  const used = all.slice(0, 2);
  const images = openSyncedImages(
    { db, registries, copyArtifact },
    {
      images(word) {
        asked.push(word);
        // The third is taken up by a sync that begins meanwhile.
        const now = word === 'acme/web/2' ? all.slice(0, 3) : used;
        return now.map((image) => ({ row, image }));
      },
    },
  );
  await images.freeUnused(new AbortController().signal);
  expect([...held]).toEqual([0, 1, 2].map((n) => `operations/acme/web/${n}@${digestOf(n)}`));
  expect(asked.filter((word) => word === undefined)).toHaveLength(1);
  expect(asked).toHaveLength(19);
});
