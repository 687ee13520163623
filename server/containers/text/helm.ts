import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asProblem, Problem } from '../../problem';
import { packChart, type ChartEntry } from './chart';

/** Time that rendering may take, in milliseconds; a template can loop for ever. */
const timeLimit = 60_000;
const maxOutput = 16 * 2 ** 20;

/**
 * Renders a chart with the `helm` program, which asks no cluster for it.
 *
 * @param name name of the release, and of its namespace
 * @param values YAML that goes over the chart's own
 * @returns manifests
 * @throws Problem `unavailable` where helm is not installed; `invalid` with helm's words
 */
export async function renderChart(
  files: readonly ChartEntry[],
  name: string,
  values: string,
  signal: AbortSignal,
): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'edgeyard-chart-'));
  try {
    await writeFile(join(dir, 'chart.tgz'), packChart(files));
    await writeFile(join(dir, 'values.yaml'), values);
    const args = [
      'template',
      name,
      'chart.tgz',
      '--namespace',
      name,
      '--values',
      'values.yaml',
      '--include-crds',
    ];
    return await run(args, dir, signal);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function run(args: string[], dir: string, signal: AbortSignal): Promise<string> {
  // Helm keeps settings, plugins and logins in its user's home; a chart of somebody else sees none of ours.
  // Next declares NODE_ENV as always there; a foreign program needs none.
  const env: Record<string, string | undefined> = {
    PATH: process.env.PATH,
    HOME: dir,
    HELM_NO_PLUGINS: '1',
    KUBECONFIG: join(dir, 'none'),
  };
  const options = {
    cwd: dir,
    env: env as NodeJS.ProcessEnv,
    signal,
    timeout: timeLimit,
    maxBuffer: maxOutput,
  };
  return new Promise((resolve, reject) => {
    execFile('helm', args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.code === 'ENOENT') {
        reject(new Problem('unavailable', 'containers.errors.noHelm', {}, { cause: error }));
      } else if (signal.aborted) reject(asProblem(error));
      else {
        const detail = stderr.trim().slice(-2000) || error.message.slice(0, 200);
        reject(new Problem('invalid', 'containers.errors.helmRefused', {}, { detail, cause: error }));
      }
    });
  });
}
