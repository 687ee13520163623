import { describe, expect, it } from 'vitest';
import { guest } from '../access/actor';
import { ada, bob, openBench, projectInput, root, vmInput, withVm } from './testing';

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const svg = (content: string) => ({
  type: 'image/svg+xml' as const,
  data: Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${content}</svg>`).toString('base64'),
});

describe('projects', () => {
  it('are created, changed, cloned and listed', async () => {
    const { workbench, audited } = await openBench();
    const icon = { type: 'image/png' as const, data: png.toString('base64') };
    const made = workbench.projects.create(ada, { ...projectInput, icon });
    expect(made).toMatchObject({
      name: 'Camera watch',
      ownerName: 'ada',
      role: 'owner',
      version: '1.0',
      vms: [],
    });
    expect(workbench.projects.icon(ada, made.id).data).toEqual(png);
    const changed = workbench.projects.update(ada, made.id, { description: 'Counts cars', icon: null });
    expect(changed).toMatchObject({ description: 'Counts cars', iconUrl: undefined });
    const copy = workbench.projects.clone(ada, made.id, 'Camera watch 2');
    expect(copy).toMatchObject({ description: 'Counts cars', name: 'Camera watch 2' });
    expect(copy.sshPublicKey).not.toBe(made.sshPublicKey);
    expect(workbench.projects.list(ada, { q: 'WATCH 2' }).map(({ id }) => id)).toEqual([copy.id]);
    expect(audited).toEqual(['ada project.create', 'ada project.update', 'ada project.clone']);
  });

  it('have one name each per owner, and one per request', async () => {
    const { workbench } = await openBench();
    const one = workbench.projects.create(ada, projectInput, 'key');
    expect(workbench.projects.create(ada, projectInput, 'key').id).toBe(one.id);
    expect(() => workbench.projects.create(ada, projectInput)).toThrow('workbench.errors.projectNameTaken');
    expect(workbench.projects.create(bob, projectInput).id).not.toBe(one.id);
  });

  it.each([
    ['a script', svg('<script>alert(1)</script>')],
    ['a handler', svg('<rect onload="alert(1)"/>')],
    ['a link to elsewhere', svg('<image href="https://example.org/a.png"/>')],
    [
      'an entity',
      { ...svg(''), data: Buffer.from('<!DOCTYPE svg [<!ENTITY a "b">]><svg/>').toString('base64') },
    ],
    ['another kind of file', { type: 'image/png' as const, data: Buffer.from('GIF89a').toString('base64') }],
  ])('refuse an icon with %s', async (_, icon) => {
    const { workbench } = await openBench();
    expect(() => workbench.projects.create(ada, { ...projectInput, icon })).toThrow(
      /workbench\.errors\.icon/,
    );
    expect(workbench.projects.list(ada)).toEqual([]);
  });

  it('take a plain SVG', async () => {
    const { workbench } = await openBench();
    const icon = svg('<defs><g id="a"/></defs><use href="#a"/><rect fill="url(#b)" width="1" height="1"/>');
    expect(workbench.projects.create(ada, { ...projectInput, icon }).iconUrl).toBeDefined();
  });

  it('are deleted with everything of theirs, once that was shown', async () => {
    const bench = await openBench();
    const { workbench, jobs, site, secrets } = bench;
    const { projectId } = await withVm(bench);
    const kept = [{ type: 'image' as const, id: 'img_1', name: 'disk', size: 7 }];
    const forgotten: string[] = [];
    workbench.keepWith({
      list: () => kept,
      remove: async () => void kept.pop(),
      forget: async (id) => void forgotten.push(`${id} ${workbench.kindOf(id) ?? 'gone'}`),
    });
    expect(workbench.projects.removalPlan(ada, projectId).map(({ type, name }) => `${type} ${name}`)).toEqual(
      ['vm vm-1', 'image disk'],
    );
    const job = workbench.projects.remove(ada, projectId);
    expect(workbench.projects.remove(ada, projectId).id).toBe(job.id);
    expect((await jobs.settled(job.id)).state).toBe('done');
    expect(workbench.projects.list(ada)).toEqual([]);
    expect(await site.vms.list()).toEqual([]);
    expect([kept.length, secrets.size]).toEqual([0, 0]);
    expect(forgotten).toEqual([`${projectId} gone`]);
  });
});

describe('another developer’s project', () => {
  it('does not exist, on every function', async () => {
    const bench = await openBench();
    const { projectId, vmId } = await withVm(bench);
    const { projects, vms } = bench.workbench;
    const tries: (() => unknown)[] = [
      () => projects.get(bob, projectId),
      () => projects.update(bob, projectId, { description: '' }),
      () => projects.clone(bob, projectId, 'mine'),
      () => projects.removalPlan(bob, projectId),
      () => projects.remove(bob, projectId),
      () => projects.icon(bob, projectId),
      () => projects.members(bob, projectId),
      () => projects.addMember(bob, projectId, 'bob'),
      () => projects.removeMember(bob, projectId, bob.userId),
      () => vms.list(bob, projectId),
      () => vms.get(bob, vmId),
      () => vms.events(bob, vmId),
      () => vms.plan(bob, projectId, { siteId: 'local' }),
      () => vms.create(bob, projectId, vmInput),
      () => vms.act(bob, vmId, { action: 'stop' }),
      () => vms.remove(bob, vmId),
      () => vms.screen(bob, vmId),
      () => vms.serial(bob, vmId, 0),
      () => bench.workbench.requireProject(bob, projectId),
      () => bench.workbench.requireVm(bob, vmId),
      () => bench.workbench.packageFacts(bob, projectId),
    ];
    for (const call of tries) {
      await expect((async () => call())(), call.toString()).rejects.toMatchObject({ code: 'not_found' });
    }
    expect(projects.list(bob)).toEqual([]);
    expect(bench.workbench.canSee(bob, projectId)).toBe(false);
    expect(bench.workbench.canSee(guest, projectId)).toBe(false);
    expect(bench.workbench.projectIdsOf(bob)).toEqual([]);
    expect(vms.get(ada, vmId).state).toBe('running');
  });

  it('opens to members, who may not give it away or delete it', async () => {
    const bench = await openBench();
    const { projectId, vmId } = await withVm(bench);
    const { projects } = bench.workbench;
    expect(() => projects.addMember(ada, projectId, 'nobody')).toThrow('workbench.errors.noUser');
    expect(projects.addMember(ada, projectId, 'bob').map(({ name }) => name)).toEqual(['ada', 'bob']);
    expect(bench.workbench.vms.get(bob, vmId).name).toBe('vm-1');
    expect(() => projects.remove(bob, projectId)).toThrow('workbench.errors.ownerOnly');
    expect(() => projects.addMember(bob, projectId, 'root')).toThrow('workbench.errors.ownerOnly');
    projects.removeMember(ada, projectId, bob.userId);
    expect(bench.workbench.canSee(bob, projectId)).toBe(false);
  });

  it('is open to administrators', async () => {
    const bench = await openBench();
    const { projectId } = await withVm(bench);
    expect(bench.workbench.projects.get(root, projectId).role).toBe('admin');
    expect(bench.workbench.projectIdsOf(root)).toBe('all');
  });
});
