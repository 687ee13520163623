/** Projects and VMs for tests that are about something else. */
import { randomBytes } from 'node:crypto';
import type { Person } from './people';
import type { RestJob } from './rest';

export interface TestVm {
  id: string;
  projectId: string;
  name: string;
}

interface VmAnswer {
  state: string;
  boot: { verdict: string };
}

/** A project with a name of its own. */
export async function makeProject(
  person: Person,
  name = `App ${randomBytes(3).toString('hex')}`,
): Promise<string> {
  const { id } = await person.rest.expect<{ id: string }>(201, 'POST', '/api/v1/projects', {
    name,
    kind: 'vm',
    provider: 'Example',
    industry: 'Smart Park',
    type: 'Video Application',
    architecture: 'X86',
  });
  return id;
}

/** The id of the tiny guest image. */
export async function tinyImage(person: Person): Promise<string> {
  const { images } = await person.rest.expect<{ images: { id: string; os?: string }[] }>(
    200,
    'GET',
    '/api/v1/sites/local/offers',
  );
  const tiny = images.find(({ os }) => os === 'tiny');
  if (!tiny) throw new Error('the server offers no tiny guest image');
  return tiny.id;
}

/** What `POST /projects/{id}/vms` takes for a small VM. */
export async function tinyRequest(person: Person, name: string) {
  return {
    siteId: 'local',
    imageId: await tinyImage(person),
    flavor: { vcpus: 1, memoryMiB: 256, diskGiB: 2 },
    network: { id: 'nat', forwards: [] as { protocol: string; hostPort: number; guestPort: number }[] },
    name,
    sshKeys: [],
    toolIds: [],
  };
}

/** A tiny VM whose login prompt has come. */
export async function bootTiny(person: Person, projectId: string, name = 'guest'): Promise<TestVm> {
  const job = await person.rest.expect<RestJob & { subject: { id: string } }>(
    202,
    'POST',
    `/api/v1/projects/${projectId}/vms`,
    await tinyRequest(person, name),
  );
  await person.rest.done(job.id);
  await booted(person, job.subject.id);
  return { id: job.subject.id, projectId, name };
}

/** Waits until a VM's login prompt has come. */
export async function booted(person: Person, vmId: string): Promise<void> {
  await person.rest.until(
    async () => (await person.rest.call<VmAnswer>('GET', `/api/v1/vms/${vmId}`)).body,
    ({ boot }) => boot.verdict === 'booted',
  );
}

/** Deletes a project with all that belongs to it. */
export async function removeProject(person: Person, projectId: string): Promise<void> {
  const job = await person.rest.expect<RestJob>(202, 'DELETE', `/api/v1/projects/${projectId}`);
  await person.rest.done(job.id);
}
