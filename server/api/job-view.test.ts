import { describe, expect, it } from 'vitest';
import type { Job } from '../jobs/job';
import { ada, openBench, withVm } from '../workbench/testing';
import type { House } from '../house';
import { viewJob, viewJobs } from './job-view';

describe('a job as pages show it', () => {
  it('has the names of what it is about and of who started it, as long as they are there', async () => {
    const bench = await openBench();
    const { vmId, projectId } = await withVm(bench);
    const house = {
      workbench: bench.workbench,
      access: { users: { get: (id: string) => (id === ada.userId ? { name: ada.name } : undefined) } },
    } as unknown as House;
    const job = bench.jobs.list({ subject: { type: 'vm', id: vmId } })[0] as Job;
    expect(viewJob(house, ada, job)).toMatchObject({ subjectName: 'vm-1', actorName: 'ada' });

    const ofProject: Job = { ...job, subject: { type: 'project', id: projectId }, actorId: 'user-gone' };
    const gone: Job = { ...job, subject: { type: 'project', id: 'prj_none' }, actorId: undefined };
    expect(
      viewJobs(house, ada, [ofProject, gone]).map(({ subjectName, actorName }) => [subjectName, actorName]),
    ).toEqual([
      ['Camera watch', undefined],
      [undefined, undefined],
    ]);
  });
});
