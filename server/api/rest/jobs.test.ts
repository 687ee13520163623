import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { Notice } from '../../jobs/events';
import { operationsKinds, type Job } from '../../jobs/job';
import { projectInput } from '../../workbench/testing';
import { noticeStream } from './events';
import { testRest } from './testing';

vi.setConfig({ testTimeout: 20_000 });

type Rest = Awaited<ReturnType<typeof testRest>>;

/** A kind whose jobs run until they are cancelled, one of them started by Ada for a project of hers. */
async function withJob(rest: Rest, name = 'test.kind') {
  const kind = rest.jobs.define({
    kind: name,
    steps: ['one'],
    input: z.object({}),
    concurrency: 5,
    cancellable: true,
    run: (job) =>
      job.step('one', (step) => {
        step.log('a line');
        return new Promise<never>((_, reject) => {
          step.signal.addEventListener('abort', () => reject(step.signal.reason as Error));
        });
      }),
  });
  const created = await rest.send('POST', '/api/v1/projects', 'ada', { body: projectInput });
  const project = (await created.json()) as { id: string };
  const start = (projectId?: string, actorId?: string) =>
    kind.start({ input: {}, subject: { type: 'site', id: 'local' }, projectId, actorId });
  return { project, start, job: start(project.id, 'user-ada') };
}

describe('jobs over REST', () => {
  it('shows a job to its project, its actor and administrators, to nobody else', async () => {
    const rest = await testRest();
    const { job, start, project } = await withJob(rest);
    const [ofProject, ofNobody] = [start(project.id), start()];
    for (const [id, as, status] of [
      [job.id, 'ada', 200],
      [job.id, 'root', 200],
      [job.id, 'bob', 404],
      [ofProject.id, 'ada', 200],
      [ofProject.id, 'bob', 404],
      [ofNobody.id, 'ada', 404],
      [ofNobody.id, 'root', 200],
    ] as const) {
      for (const path of ['', '/log']) {
        expect((await rest.send('GET', `/api/v1/jobs/${id}${path}`, as)).status).toBe(status);
      }
      if (status === 404) {
        expect((await rest.send('POST', `/api/v1/jobs/${id}/cancel`, as)).status).toBe(404);
        expect((await rest.send('POST', `/api/v1/jobs/${id}/retry`, as)).status).toBe(404);
      }
    }
    const seen = async (as: 'ada' | 'bob' | 'root') =>
      ((await (await rest.send('GET', '/api/v1/jobs', as)).json()) as { jobs: Job[] }).jobs.length;
    expect([await seen('ada'), await seen('bob'), await seen('root')]).toEqual([2, 0, 3]);
  });

  it.each(operationsKinds)('shows every %s to operators, with its log', async (name) => {
    const rest = await testRest();
    const { job, start } = await withJob(rest, name);
    for (const { id } of [job, start()]) {
      for (const path of ['', '/log']) {
        expect((await rest.send('GET', `/api/v1/jobs/${id}${path}`, 'olga')).status).toBe(200);
        expect((await rest.send('GET', `/api/v1/jobs/${id}${path}`, 'bob')).status).toBe(404);
      }
    }
    const listed = await rest.send('GET', `/api/v1/jobs?kind=${name}`, 'olga');
    expect(((await listed.json()) as { jobs: Job[] }).jobs).toHaveLength(2);
  });

  it('cancels and runs again', async () => {
    const rest = await testRest();
    const { job } = await withJob(rest);
    const cancelled = await rest.send('POST', `/api/v1/jobs/${job.id}/cancel`, 'ada');
    expect(cancelled.status).toBe(200);
    await rest.jobs.settled(job.id);
    expect((await rest.send('POST', `/api/v1/jobs/${job.id}/cancel`, 'ada')).status).toBe(409);
    const again = await rest.send('POST', `/api/v1/jobs/${job.id}/retry`, 'ada');
    expect(await again.json()).toMatchObject({ state: 'queued', attempt: 2 });
    expect((await rest.send('POST', `/api/v1/jobs/${job.id}/retry`, 'ada')).status).toBe(409);
    rest.jobs.cancel(job.id);
    await rest.jobs.settled(job.id);
  });

  it('gives the lines of the log that came since', async () => {
    const rest = await testRest();
    const { job } = await withJob(rest);
    await vi.waitFor(() => expect(rest.jobs.log(job.id).length).toBe(1), { timeout: 15_000 });
    const log = (await (await rest.send('GET', `/api/v1/jobs/${job.id}/log`, 'ada')).json()) as {
      lines: { seq: number; line: string }[];
    };
    expect(log.lines.map(({ line }) => line)).toEqual(['a line']);
    const since = await rest.send('GET', `/api/v1/jobs/${job.id}/log?after=${log.lines[0]?.seq}`, 'ada');
    expect(await since.json()).toEqual({ lines: [] });
  });
});

describe('the stream of notices', () => {
  const text = (chunk: ReadableStreamReadResult<Uint8Array>) => new TextDecoder().decode(chunk.value);

  it('brings what the actor may hear', async () => {
    const rest = await testRest();
    const { project } = await withJob(rest);
    const response = await rest.send('GET', '/api/v1/events', 'ada');
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const reader = response.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
    expect(text(await reader.read())).toBe('retry: 2000\n\n');
    const publish = (notice: Notice) => rest.events.publish(notice);
    publish({ topic: 'vm', id: 'of-nobody', audience: { projectId: 'prj_none' } });
    publish({ topic: 'vm', id: 'of-bob', audience: { userId: 'user-bob' } });
    publish({ topic: 'users', id: 'for-admins', audience: { role: 'admin' } });
    publish({ topic: 'vm', id: 'of-ada', audience: { projectId: project.id } });
    expect(text(await reader.read())).toBe('event: notice\ndata: {"topic":"vm","id":"of-ada"}\n\n');
    publish({ topic: 'app', id: 'public', audience: { everyone: true } });
    expect(text(await reader.read())).toContain('"public"');
    await reader.cancel();
  });

  it('holds one notice a thing for a slow listener, and says when it gave up counting', async () => {
    const rest = await testRest();
    const stream = noticeStream(rest.house, rest.actors['ada'] as never, async () => true);
    const notice = (id: string) => rest.events.publish({ topic: 'app', id, audience: { everyone: true } });
    // Fills what the stream itself holds, then what waits behind it.
    for (let index = 0; index < 5_000; index += 1) notice(`app-${index}`);
    for (let index = 0; index < 5_000; index += 1) notice('the-same');
    const reader = stream.getReader();
    let heard = '';
    while (!heard.includes('resync')) heard += text(await reader.read());
    expect(heard.length).toBeLessThan(200_000);
    notice('later');
    expect(text(await reader.read())).toContain('later');
    await reader.cancel();
  });

  it('ends when the session does', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const rest = await testRest();
      let good = true;
      const stream = noticeStream(rest.house, rest.actors['ada'] as never, async () => good);
      const reader = stream.getReader();
      await reader.read();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(text(await reader.read())).toContain('ping');
      good = false;
      const ended = (async () => {
        while (!(await reader.read()).done);
        return true;
      })();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(await ended).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});
