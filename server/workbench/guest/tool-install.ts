import type { Client } from 'ssh2';
import { z } from 'zod';
import { Problem } from '../../problem';
import type { JobContext, JobKind, StepContext } from '../../jobs/job';
import type { Catalogue, Tool } from './catalogue';
import { requireGate } from '../vm-gates';
import type { Identities } from './identity';
import type { GuestPorts, GuestVm } from './ports';
import type { SshPool } from './ssh-pool';
import { fileProblem } from './sftp';
import { checkTool, copyTool, removeToolFolder, runTool } from './tool-run';
import type { VmToolRows } from './vm-tool-rows';

export const toolInstallKind = 'tool.install';

const input = z.object({ vmId: z.string(), toolId: z.string() });
export type ToolInstall = z.infer<typeof input>;

// A guest that was just made still boots; a slow one under emulation takes a minute.
const connectMs = 5 * 60_000;
const agentMs = 30_000;
const logLimit = 2000;

interface Rooms {
  ports: GuestPorts;
  pool: SshPool;
  catalogue: Catalogue;
  identities: Identities;
  rows: VmToolRows;
}

/** Makes the job that installs one tool into one VM known to the engine. */
export function defineToolInstall(rooms: Rooms): JobKind<ToolInstall> {
  const { ports, pool, catalogue, identities, rows } = rooms;

  const vmOf = (job: JobContext<ToolInstall>): GuestVm => {
    const vm = ports.vmById(job.input.vmId);
    if (!vm) throw new Problem('not_found', 'tools.errors.vmGone');
    return vm;
  };
  const copy = (job: JobContext<ToolInstall>, tool: Tool, signal: AbortSignal) =>
    pool.sftp(job.input.vmId, signal, (sftp, client) => {
      const extra = tool.givesIdentity ? identities.filesFor(vmOf(job)) : [];
      return copyTool(sftp, client, job.jobId, tool, extra, signal);
    });

  return ports.jobs.define<ToolInstall, { version: string }>({
    kind: toolInstallKind,
    steps: ['connect', 'copy', 'run', 'check'],
    input,
    // Installations wait for guests, not for this machine.
    concurrency: 8,
    cancellable: true,
    async run(job) {
      const tool = catalogue.get(job.input.toolId);
      rows.set(job.input, { state: 'installing', jobId: job.jobId, error: null });
      await job.step('connect', (step) => connect(rooms, vmOf(job), step));
      await job.step('copy', async (step) => {
        await copy(job, tool, step.signal);
      });
      await job.step('run', async (step) => {
        // Copied again only when it is not there: after a failure, the undo took it away.
        const folder = await copy(job, tool, step.signal);
        const line = bounded(step);
        await pool.use(job.input.vmId, step.signal, (client) =>
          runTool(client, folder, tool, step.signal, line),
        );
      });
      await job.step('check', async (step) => {
        const line = bounded(step);
        await pool.use(job.input.vmId, step.signal, async (client) => {
          await checkTool(client, tool, step.signal, line);
          await removeFolderOf(client, job.jobId, step.signal);
        });
        if (tool.needsAgent) await agentAnswers(ports, vmOf(job), step);
      });
      rows.set(job.input, { state: 'installed', version: tool.version, error: null });
      return { version: tool.version };
    },
    async undo(job) {
      rows.set(job.input, { state: 'failed' });
      const vm = ports.vmById(job.input.vmId);
      if (vm?.state !== 'running') return;
      await pool
        .use(vm.id, job.signal, (client) => removeFolderOf(client, job.jobId, job.signal))
        // Its folder is hidden and small; a guest that cannot be reached keeps it.
        .catch((error: unknown) => job.log(`The tool's folder was not removed: ${String(error)}`));
    },
  });
}

function removeFolderOf(client: Client, jobId: string, signal: AbortSignal): Promise<void> {
  // Relative to the login's home, where every command starts.
  return removeToolFolder(client, { path: `.edgeyard-${jobId}` }, signal);
}

async function connect({ pool, ports }: Rooms, vm: GuestVm, step: StepContext): Promise<void> {
  const deadline = Date.now() + connectMs;
  for (;;) {
    const now = ports.vmById(vm.id);
    if (!now) throw new Problem('not_found', 'tools.errors.vmGone');
    if (now.state !== 'starting') requireGate('tools', now);
    try {
      // Asks for something: a connection that is kept may be that of a guest which was reset since.
      await pool.sftp(vm.id, step.signal, (sftp) => sftp.realpath('.'));
      step.log('Connected.');
      return;
    } catch (failure) {
      const error = fileProblem(failure, '.');
      // Each try waits for the greeting by itself, so this turns slowly.
      const again = error.code === 'unavailable' && Date.now() < deadline;
      if (!again) throw error;
      step.message(error.detail ?? error.key);
    }
    await pause(1000, step.signal);
  }
}

async function agentAnswers(ports: GuestPorts, vm: GuestVm, step: StepContext): Promise<void> {
  const agent = ports.sites.get(vm.siteId).agent;
  if (!agent || vm.siteRef === undefined)
    throw new Problem('failed', 'tools.errors.noAgentChannel', { site: vm.siteId });
  const deadline = Date.now() + agentMs;
  while (!(await agent.ping(vm.siteRef))) {
    if (Date.now() >= deadline) throw new Problem('failed', 'tools.errors.agentSilent');
    await pause(500, step.signal);
  }
  step.log('The guest agent answers.');
}

function bounded(step: StepContext): (line: string) => void {
  let left = logLimit;
  return (line) => {
    left -= 1;
    if (left > 0) {
      step.log(line);
      step.message(line.slice(0, 200));
    } else if (left === 0) {
      step.log('… more lines are not kept.');
    }
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(new Problem('cancelled', 'problems.cancelled'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
