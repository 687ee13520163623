import { afterEach, beforeEach, expect, it } from 'vitest';
import { openEvents } from '../../jobs/events';
import { memorySecrets } from '../../registries/testing';
import { openDeploymentRows } from './deployment-rows';
import { developer, operator, testDeployments } from './testing';

let at: ReturnType<typeof testDeployments>;
beforeEach(() => {
  at = testDeployments();
});
afterEach(() => at.close());

it('counts what stands alike, as far as the actor may see it', async () => {
  const { id } = await at.deployed('web1', 'north');
  const rows = openDeploymentRows({ db: at.db, events: openEvents(), secrets: memorySecrets() });
  const row = rows.find(id);
  if (!row) throw new Error('no row');
  rows.insert({ ...row, id: 'second', name: 'second' });
  rows.insert({ ...row, id: 'third', name: 'third', state: 'failed' });
  rows.insert({ ...row, id: 'own', name: 'own', releaseId: null, createdBy: developer.userId });
  rows.insert({ ...row, id: 'theirs', name: 'theirs', releaseId: null });
  const { siteId, state, releaseId } = row;
  const ofRelease = [
    expect.objectContaining({ releaseId, siteId, state, count: 2 }),
    expect.objectContaining({ releaseId, siteId, state: 'failed', count: 1 }),
  ] as unknown[];
  const counted = at.room.counts(developer);
  expect(counted).toHaveLength(3);
  expect(counted).toEqual(expect.arrayContaining(ofRelease));
  // Of packages of the workbench a developer sees the own ones, an operator all.
  expect(counted.filter((each) => each.releaseId === null).map(({ count }) => count)).toEqual([1]);
  const all = at.room.counts(operator).filter((each) => each.releaseId === null);
  expect(all.reduce((sum, { count }) => sum + count, 0)).toBe(2);
});
