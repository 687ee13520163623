import { describe, expect, it } from 'vitest';
import { projectInput, vmInput } from '../../workbench/testing';
import { testRest } from './testing';

type Json = Record<string, unknown>;

/** The house, and a way to send JSON to it. */
async function openRest() {
  const { send, ...rest } = await testRest();
  return {
    ...rest,
    send: (method: string, path: string, as: 'ada' | 'bob' | 'guest', body?: unknown) =>
      send(method, path, as, body === undefined ? {} : { body }),
  };
}

async function withProject() {
  const rest = await openRest();
  const made = await rest.send('POST', '/api/v1/projects', 'ada', projectInput);
  expect(made.status).toBe(201);
  const { id } = (await made.json()) as { id: string };
  return { rest, projectId: id };
}

async function withRunningVm() {
  const { rest, projectId } = await withProject();
  const answer = await rest.send('POST', `/api/v1/projects/${projectId}/vms`, 'ada', vmInput);
  const job = (await answer.json()) as { id: string; subject: { id: string } };
  await rest.jobs.settled(job.id);
  return { rest, projectId, vmId: job.subject.id };
}

describe('projects over REST', () => {
  it('are made, read, changed and deleted', async () => {
    const { rest, projectId } = await withProject();
    const changed = await rest.send('PATCH', `/api/v1/projects/${projectId}`, 'ada', { version: '2.0' });
    expect(await changed.json()).toMatchObject({ id: projectId, version: '2.0', role: 'owner' });
    const list = (await (await rest.send('GET', '/api/v1/projects?q=camera', 'ada')).json()) as {
      projects: Json[];
    };
    expect(list.projects.map(({ id }) => id)).toEqual([projectId]);
    const removed = await rest.send('DELETE', `/api/v1/projects/${projectId}`, 'ada');
    expect(removed.status).toBe(202);
    const { id } = (await removed.json()) as { id: string };
    expect(removed.headers.get('location')).toBe(`/api/v1/jobs/${id}`);
    expect((await rest.jobs.settled(id)).state).toBe('done');
    expect((await rest.send('GET', `/api/v1/projects/${projectId}`, 'ada')).status).toBe(404);
  });

  it('refuse what is not valid, field by field', async () => {
    const { rest } = await withProject();
    const answer = await rest.send('POST', '/api/v1/projects', 'ada', {
      ...projectInput,
      name: '!!',
      industry: 'None',
    });
    expect(answer.status).toBe(422);
    const { errors } = (await answer.json()) as { errors: { path: string }[] };
    expect(errors.map(({ path }) => path).toSorted()).toEqual(['industry', 'name']);
  });

  it('serve an icon that cannot act', async () => {
    const { rest } = await withProject();
    const data = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>').toString('base64');
    const made = await rest.send('POST', '/api/v1/projects', 'ada', {
      ...projectInput,
      name: 'With icon',
      icon: { type: 'image/svg+xml', data },
    });
    const { iconUrl } = (await made.json()) as { iconUrl: string };
    const icon = await rest.send('GET', iconUrl, 'ada');
    expect(icon.headers.get('content-type')).toBe('image/svg+xml');
    expect(icon.headers.get('content-security-policy')).toContain('sandbox');
    expect((await rest.send('GET', iconUrl, 'bob')).status).toBe(404);
  });
});

describe('VMs over REST', () => {
  it('are created as a job, watched, stopped and deleted', async () => {
    const { rest, vmId } = await withRunningVm();
    const vm = (await (await rest.send('GET', `/api/v1/vms/${vmId}`, 'ada')).json()) as Json;
    expect(vm).toMatchObject({
      state: 'running',
      boot: { verdict: 'booted' },
      gates: { start: { allowed: false } },
    });
    const paused = await rest.send('POST', `/api/v1/vms/${vmId}/actions`, 'ada', { action: 'pause' });
    expect([paused.status, ((await paused.json()) as Json)['state']]).toEqual([200, 'paused']);
    const refused = await rest.send('POST', `/api/v1/vms/${vmId}/actions`, 'ada', { action: 'reboot' });
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ key: 'workbench.gates.isPaused' });
    const deleted = await rest.send('DELETE', `/api/v1/vms/${vmId}`, 'ada');
    expect(deleted.status).toBe(202);
    await rest.jobs.settled(((await deleted.json()) as { id: string }).id);
    expect((await rest.send('GET', `/api/v1/vms/${vmId}`, 'ada')).status).toBe(404);
  });

  it('give a picture and the console log', async () => {
    const { rest, vmId } = await withRunningVm();
    const screen = await rest.send('GET', `/api/v1/vms/${vmId}/screen`, 'ada');
    expect(screen.headers.get('content-type')).toBe('image/png');
    const piece = await rest.send('GET', `/api/v1/vms/${vmId}/serial?from=0`, 'ada');
    expect(Number(piece.headers.get('x-next-offset'))).toBeGreaterThan(0);
    const whole = await rest.send('GET', `/api/v1/vms/${vmId}/serial`, 'ada');
    expect(whole.headers.get('content-disposition')).toContain('attachment');
    expect(await whole.text()).toBe(await piece.text());
  });

  it('say before whether they fit', async () => {
    const { rest, projectId } = await withProject();
    const plan = await rest.send('POST', `/api/v1/projects/${projectId}/vms/plan`, 'ada', {
      siteId: 'local',
      flavor: { vcpus: 99, memoryMiB: 256, diskGiB: 1 },
    });
    expect(await plan.json()).toMatchObject({
      fits: false,
      reasons: [{ key: 'sites.errors.vcpusDoNotFit' }],
    });
  });

  it('are nobody else’s', async () => {
    const { rest, projectId, vmId } = await withRunningVm();
    for (const [method, path, body] of [
      ['GET', `/api/v1/projects/${projectId}/vms`],
      ['POST', `/api/v1/projects/${projectId}/vms`, vmInput],
      ['POST', `/api/v1/projects/${projectId}/vms/plan`, { siteId: 'local' }],
      ['GET', `/api/v1/vms/${vmId}`],
      ['DELETE', `/api/v1/vms/${vmId}`],
      ['POST', `/api/v1/vms/${vmId}/actions`, { action: 'stop' }],
      ['GET', `/api/v1/vms/${vmId}/events`],
      ['GET', `/api/v1/vms/${vmId}/screen`],
      ['GET', `/api/v1/vms/${vmId}/serial?from=0`],
    ] as const) {
      expect([path, (await rest.send(method, path, 'bob', body)).status]).toEqual([path, 404]);
      expect([path, (await rest.send(method, path, 'guest', body)).status]).toEqual([path, 401]);
    }
  });
});
