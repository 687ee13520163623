import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../access/actor';
import type { Job, Jobs } from '../../jobs/job';
import { openJobs } from '../../jobs/jobs';
import type { Site } from '../../sites/site';
import type { ToolInput } from './schemas';
import { openSshPool, type SshPool } from './ssh-pool';
import { startTestGuest, type TestGuest } from './testing-guest';
import { developer, stranger, testPorts, type TestPorts } from './testing-ports';
import { openGuestTools, type GuestTools } from './tools';

const admin: Actor = { ...developer, role: 'admin' };

let guest: TestGuest;
let ports: TestPorts;
let pool: SshPool;
let jobs: Jobs;
let tools: GuestTools;
let agentAnswers: boolean;

beforeEach(async () => {
  guest = await startTestGuest();
  agentAnswers = true;
  const site = {
    id: 'site_1',
    vms: {},
    agent: { ping: () => Promise.resolve(agentAnswers) },
  } as unknown as Site;
  ports = testPorts(guest.access, { sites: [site] });
  jobs = openJobs(ports);
  ports.jobs = jobs;
  pool = openSshPool((vmId) => ports.guestAccess(vmId));
  tools = openGuestTools(ports, pool);
  jobs.run();
});

afterEach(async () => {
  await jobs.stop();
  pool.close();
  await guest.close();
});

const sample: ToolInput = {
  nameEn: 'Sample',
  nameZh: '示例',
  descriptionEn: '',
  descriptionZh: '',
  version: '1.2',
  script: 'echo installing; cp data.txt ../installed.txt',
  files: [{ name: 'data.txt', content: 'payload' }],
  checkCommand: 'test -f installed.txt',
  timeoutSeconds: 20,
  needsAgent: false,
  givesIdentity: false,
};

const add = (change: Partial<ToolInput> = {}) => tools.catalogue.add(admin, { ...sample, ...change });
const viewOf = (toolId: string) => tools.list(developer, 'vm_1').find((tool) => tool.toolId === toolId);
const over = (job: Job) => jobs.settled(job.id);
const logOf = (job: Job) => jobs.log(job.id).map(({ line }) => line);

describe('the catalogue', () => {
  it('ships two tools that nobody can change', () => {
    const ids = tools.catalogue.list().map(({ id }) => id);
    expect(ids.sort()).toEqual(['edgeyard-agent', 'qemu-guest-agent']);
    expect(() => tools.catalogue.change(admin, 'edgeyard-agent', sample)).toThrow('tools.errors.builtIn');
    expect(() => tools.catalogue.remove(admin, 'edgeyard-agent')).toThrow('tools.errors.builtIn');
  });

  it('is edited by administrators only', () => {
    expect(() => tools.catalogue.add(developer, sample)).toThrow('needsRole');
    const tool = add();
    expect(tools.catalogue.change(admin, tool.id, { ...sample, version: '2' }).version).toBe('2');
    tools.catalogue.remove(admin, tool.id);
    expect(() => tools.catalogue.get(tool.id)).toThrow('noTool');
  });
});

describe('an installation', () => {
  it('copies, runs, checks and leaves no folder behind', async () => {
    const tool = add();
    expect(viewOf(tool.id)?.state).toBe('available');
    const job = await over(tools.install(developer, 'vm_1', tool.id));
    expect(job.state).toBe('done');
    expect(logOf(job)).toContain('installing');
    expect(viewOf(tool.id)).toMatchObject({ state: 'installed', installedVersion: '1.2' });
    expect(readdirSync(guest.home)).toEqual(['installed.txt']);
  });

  it('fails with the script’s own words, leaves nothing, and can be tried again', async () => {
    const tool = add({
      script: 'test -f ../ready || { echo "no ready file" >&2; exit 3; }; touch ../installed.txt',
    });
    const job = await over(tools.install(developer, 'vm_1', tool.id));
    expect(job.error).toMatchObject({
      key: 'tools.errors.scriptFailed',
      params: { code: 3 },
      detail: 'no ready file',
    });
    expect(viewOf(tool.id)?.state).toBe('failed');
    expect(readdirSync(guest.home)).toEqual([]);
    writeFileSync(join(guest.home, 'ready'), '');
    jobs.retry(job.id);
    expect((await over(job)).state).toBe('done');
    expect(viewOf(tool.id)?.state).toBe('installed');
  });

  it('fails when the check says no', async () => {
    const tool = add({ checkCommand: 'false' });
    const job = await over(tools.install(developer, 'vm_1', tool.id));
    expect(job.error?.key).toBe('tools.errors.checkFailed');
  });

  it('ends a script that runs too long, and one that is cancelled', async () => {
    const slow = add({ script: 'sleep 600', timeoutSeconds: 1 });
    const job = await over(tools.install(developer, 'vm_1', slow.id));
    expect(job.error?.key).toBe('files.errors.commandTimeout');
    const long = add({ script: 'echo started; sleep 600' });
    const running = tools.install(developer, 'vm_1', long.id);
    expect(() => tools.install(developer, 'vm_1', long.id)).toThrow('tools.errors.underWay');
    await expect.poll(() => viewOf(long.id)?.state).toBe('installing');
    jobs.cancel(running.id);
    expect((await over(running)).state).toBe('cancelled');
    expect(viewOf(long.id)?.state).toBe('cancelled');
  });

  it('gives the identity with its keys to the tool, and to nothing else', async () => {
    tools.identities.setMep(developer, 'project_1', {
      address: 'mep.example.org',
      port: 8443,
      accessKey: 'AK-secret',
      secretKey: "SK-it's-secret",
    });
    expect(tools.identities.mep(developer, 'project_1')).toEqual({
      address: 'mep.example.org',
      port: 8443,
      hasAccessKey: true,
      hasSecretKey: true,
    });
    const tool = add({
      givesIdentity: true,
      script:
        'cp identity.env identity.json ..; ls -l identity.env; . ./identity.env; echo "$EDGEYARD_INSTANCE_ID"',
      checkCommand: 'test -f identity.json',
    });
    const job = await over(tools.install(developer, 'vm_1', tool.id));
    expect(job.state).toBe('done');
    expect(logOf(job)).toContain('vm_1');
    expect(JSON.stringify(logOf(job))).toContain('-rw-------');
    const written = readFileSync(join(guest.home, 'identity.env'), 'utf8');
    expect(written).toContain("EDGEYARD_MEP_SECRET_KEY='SK-it'\\''s-secret'");
    expect(JSON.parse(readFileSync(join(guest.home, 'identity.json'), 'utf8'))).toMatchObject({
      instanceId: 'vm_1',
      mep: { address: 'mep.example.org', port: 8443, accessKey: 'AK-secret' },
    });
    const told = JSON.stringify([job, logOf(job), ports.audited, tools.list(developer, 'vm_1')]);
    expect(told).not.toContain('secret-');
    expect(told).not.toContain('AK-secret');
    expect(told).not.toContain('SK-');
  });

  it('forgets the keys of a project that is gone, and of no other', () => {
    const mep = { address: 'mep', port: 1, accessKey: 'a', secretKey: 'b' };
    tools.identities.setMep(developer, 'project_1', mep);
    tools.prune();
    expect(ports.secretsKept.size).toBe(2);
    ports.vm.projectId = 'project_2';
    tools.prune();
    expect(ports.secretsKept.size).toBe(0);
  });

  it('asks the host for the guest agent where the tool wants it', async () => {
    const tool = add({ needsAgent: true });
    expect((await over(tools.install(developer, 'vm_1', tool.id))).state).toBe('done');
  });

  it('installs what was chosen once, however often it is told', async () => {
    const tool = add();
    const [job] = tools.installChosen('vm_1', [tool.id, tool.id, 'gone'], 'user_1');
    expect(job).toBeDefined();
    expect(tools.installChosen('vm_1', [tool.id], 'user_1')).toEqual([]);
    if (job) await over(job);
    expect(existsSync(join(guest.home, 'installed.txt'))).toBe(true);
  });

  it('is nobody else’s, and needs a VM that runs', () => {
    expect(() => tools.list(stranger, 'vm_1')).toThrow('noVm');
    expect(() => tools.install(stranger, 'vm_1', 'edgeyard-agent')).toThrow('noVm');
    expect(() => tools.identities.mep(stranger, 'project_1')).toThrow('noVm');
    ports.vm.state = 'stopped';
    expect(() => tools.install(developer, 'vm_1', 'edgeyard-agent')).toThrow('workbench.gates.isStopped');
  });
});
