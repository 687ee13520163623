import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openDatabase, type Db } from '../server/db/database';
import { openAppSearch } from '../server/store/app-search';
import type { StoreSearch } from '../server/store/schemas';
import { storeApps, storeReleases } from '../server/store/tables';
import { appTypes, industries } from '../server/workbench/schemas';
import type { Measure } from './measure';

const apps = 10_000;
const words =
  'camera traffic edge video detector gateway broker sensor robot crane water meter parking lidar speech cache proxy stream monitor energy 摄像头 网关 传感器 机器人'.split(
    ' ',
  );

/** Searching a store of 10,000 apps the way people type: every beginning of every query, with and without filters. */
export function measureSearch(): Measure[] {
  const dir = mkdtempSync(join(tmpdir(), 'bench-store-'));
  const db = openDatabase(join(dir, 'store.sqlite'), resolve('drizzle'));
  try {
    fill(db);
    const search = openAppSearch(db);
    const times = searches().map((asked) => {
      const start = performance.now();
      search.find(asked);
      return performance.now() - start;
    });
    times.sort((a, b) => a - b);
    const p95 = times[Math.floor(times.length * 0.95)] ?? 0;
    return [
      {
        work: `store search, ${apps} apps, ${times.length} searches, p95 (ms)`,
        ours: `${p95.toFixed(1)} ms`,
        theirs: '–',
        ratio: p95,
        target: { atMost: 50 },
      },
    ];
  } finally {
    db.$client.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

function searches(): StoreSearch[] {
  const typed = [
    'traffic camera',
    'edge video detector',
    'acme 7',
    'water meter gateway',
    '摄像头',
    'smart park',
  ];
  const beginnings = typed.flatMap((text) =>
    [...Array(text.length).keys()].map((end) => text.slice(0, end + 1)),
  );
  const sorts = [undefined, 'name', 'downloads', 'size'] as const;
  return beginnings.flatMap((q) =>
    sorts.flatMap((sort) => [
      { q, sort },
      { q, sort, kind: 'vm' as const, industry: industries[0] },
      { sort, offset: 5000 },
    ]),
  );
}

function fill(db: Db): void {
  const pick = <T>(list: readonly T[], index: number): T => list[index % list.length] as T;
  const sentence = (seed: number, length: number) =>
    Array.from({ length }, (_, index) => pick(words, seed * 7 + index * (1 + (seed % 5)))).join(' ');
  db.transaction(() => {
    for (let number = 1; number <= apps; number += 1) {
      const [id, releaseId] = [`app_${number}`, `rel_${number}`];
      const publishedAt = 1_700_000_000_000 + ((number * 7919) % apps) * 60_000;
      const shown = {
        version: `1.${number % 30}.0`,
        size: 1_000_000 + ((number * 104_729) % 900_000_000),
        publishedAt,
      };
      db.insert(storeApps)
        .values({
          id,
          releaseId,
          ...shown,
          rowId: number,
          ownerId: 'user',
          ownerName: 'user',
          name: `${sentence(number, 2)} ${number}`,
          provider: `Acme ${number % 97}`,
          kind: number % 5 === 0 ? 'container' : 'vm',
          type: pick(appTypes, number),
          industry: pick(industries, number),
          architecture: pick(['X86', 'ARM64'], number),
          description: sentence(number + 3, 24),
          readme: '',
          downloads: (number * 31) % 5000,
          releases: 1,
          createdAt: publishedAt,
        })
        .run();
      db.insert(storeReleases)
        .values({
          id: releaseId,
          appId: id,
          ...shown,
          packageId: `pkg_${number}`,
          notes: sentence(number + 11, 40),
          digest: `sha256:${number}`,
          fileName: 'app.csar',
          locations: [],
          images: [],
          files: [],
          proofs: [],
          publishedBy: 'user',
        })
        .run();
    }
  });
}
