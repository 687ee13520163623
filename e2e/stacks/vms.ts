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
  kind: 'vm' | 'container' = 'vm',
): Promise<string> {
  const { id } = await person.rest.expect<{ id: string }>(201, 'POST', '/api/v1/projects', {
    name,
    kind,
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

/** What `POST /projects/{id}/vms` takes. */
export interface VmRequest {
  siteId: string;
  imageId: string;
  flavor: { id: string } | { vcpus: number; memoryMiB: number; diskGiB: number };
  network: {
    id: string;
    address?: string;
    forwards: { protocol: string; hostPort: number; guestPort: number }[];
  };
  cloud?: {
    moreNetworks: { id: string }[];
    securityGroupIds: string[];
    openPorts: { protocol: string; port?: number }[];
    floatingNetworkId?: string;
  };
  name: string;
  sshKeys: string[];
  toolIds: string[];
}

/** A small VM on this machine. */
export async function tinyRequest(person: Person, name: string): Promise<VmRequest> {
  return {
    siteId: 'local',
    imageId: await tinyImage(person),
    flavor: { vcpus: 1, memoryMiB: 256, diskGiB: 2 },
    network: { id: 'nat', forwards: [] },
    name,
    sshKeys: [],
    toolIds: [],
  };
}

/** A tiny VM on this machine whose login prompt has come. */
export async function bootTiny(person: Person, projectId: string, name = 'guest'): Promise<TestVm> {
  return bootVm(person, projectId, await tinyRequest(person, name));
}

/** A VM whose login prompt has come. */
export async function bootVm(person: Person, projectId: string, request: VmRequest): Promise<TestVm> {
  const job = await person.rest.expect<RestJob & { subject: { id: string } }>(
    202,
    'POST',
    `/api/v1/projects/${projectId}/vms`,
    request,
  );
  await person.rest.done(job.id);
  await booted(person, job.subject.id);
  return { id: job.subject.id, projectId, name: request.name };
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
