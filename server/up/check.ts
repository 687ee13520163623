/**
 * The whole suite, one check after the other, with a summary that counts every test and names those that failed.
 * `--only name[,name]` runs some checks or groups; `--with openstack` adds the group that runs on a real OpenStack, which
 * is brought up for it and taken down again. Ends with the line "N passed, N failed" and a code other than 0 when
 * anything failed.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Outcome, readPlaywright, readVitest } from './test-reports';

interface Check {
  name: string;
  command: string[];
  /** Where the runner writes its JSON report; the checks without one count as one test. */
  report?: { file: string; read: (report: unknown) => Outcome };
  environment?: Record<string, string>;
  /** Checks of a group run only when it is asked for. */
  group?: 'openstack';
}

const root = resolve('.');
const cache = resolve('.cache');
const bin = (name: string) => `node_modules/.bin/${name}`;
// Tests build the guest images once, beside the other caches, and not in anybody's data folder.
const guests = process.env.EDGEYARD_GUESTS ?? resolve(cache, 'guests');
const stackScript = 'e2e/stacks/openstack/stack.sh';
const stackFolder = process.env.EDGEYARD_STACK ?? '/var/lib/edgeyard-openstack';
const onStack = {
  group: 'openstack',
  environment: { OS_CLIENT_CONFIG_FILE: join(stackFolder, 'clouds.yaml') },
} as const;

const checks: Check[] = [
  { name: 'format', command: [bin('prettier'), '--check', '--log-level=warn', '.'] },
  { name: 'page types', command: [bin('next'), 'typegen'] },
  { name: 'types', command: [bin('tsc'), '--noEmit'] },
  { name: 'lint', command: [bin('oxlint'), '--type-aware', '--quiet'] },
  { name: 'dead code', command: [bin('knip')] },
  { name: 'arrows', command: [bin('depcruise'), 'app', 'components', 'server', '--output-type=err'] },
  vitest('unit'),
  { name: 'build', command: [bin('tsx'), 'server/up/prepare.ts'] },
  vitest('contract'),
  playwright('e2e'),
  { ...onStack, name: 'openstack up', command: ['bash', stackScript, 'up'] },
  { ...onStack, ...vitest('openstack'), name: 'openstack contract' },
  { ...onStack, ...merged(playwright('openstack-e2e'), onStack.environment), name: 'openstack e2e' },
];

mkdirSync(cache, { recursive: true });
const chosen = chooseChecks(process.argv.slice(2));
const bringsUp = chosen.some((check) => check.group === 'openstack') && !stackRuns();
if (bringsUp) takeDownAtTheEnd();

const lines: string[] = [];
const total: Outcome = { passed: 0, failed: 0, failures: [], retried: [] };
let stackFailed = false;
let running: ChildProcess | undefined;
for (const check of chosen) {
  const started = Date.now();
  if (check.report) rmSync(check.report.file, { force: true });
  console.log(`\n── ${check.name}`);
  const ok = !(stackFailed && check.group === 'openstack') && (await runCheck(check));
  if (!ok && check.name === 'openstack up') stackFailed = true;
  const outcome = outcomeOf(check, ok);
  total.passed += outcome.passed;
  total.failed += outcome.failed;
  total.failures.push(...outcome.failures.map((name) => `${check.name}: ${name}`));
  total.retried.push(...outcome.retried.map((name) => `${check.name}: ${name}`));
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  lines.push(
    `${ok ? 'ok    ' : 'FAILED'}  ${check.name.padEnd(18)} ${String(outcome.passed).padStart(5)} passed ${String(outcome.failed).padStart(4)} failed ${seconds.padStart(6)} s`,
  );
}
if (bringsUp) takeDown();
// The end of a long log is what people see: the names come again here.
for (const name of total.retried) console.log(`passed only after another try: ${name}`);
for (const name of total.failures) console.log(`FAILED: ${name}`);
console.log(`\n${lines.join('\n')}\n`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed > 0 ? 1 : 0);

function chooseChecks(args: string[]): Check[] {
  const words = (flag: string) =>
    args.includes(flag) ? args[args.indexOf(flag) + 1]?.split(',') : undefined;
  const only = words('--only');
  const extra = words('--with') ?? [];
  return checks.filter((check) =>
    only
      ? only.includes(check.name) || only.includes(check.group ?? '')
      : check.group === undefined || extra.includes(check.group),
  );
}

function vitest(project: string): Check {
  const file = `${cache}/${project}.json`;
  return {
    name: project,
    command: [
      bin('vitest'),
      'run',
      '--project',
      project,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
    ],
    report: { file, read: (report) => readVitest(report, root) },
  };
}

function playwright(project: string): Check {
  const file = `${cache}/${project}.json`;
  return {
    name: project,
    command: [bin('playwright'), 'test', '--config=e2e/playwright.config.ts', `--project=${project}`],
    environment: { PLAYWRIGHT_JSON_OUTPUT_NAME: file },
    report: { file, read: readPlaywright },
  };
}

function merged(check: Check, environment: Record<string, string>): Check {
  return { ...check, environment: { ...check.environment, ...environment } };
}

function runCheck(check: Check): Promise<boolean> {
  const [command = '', ...args] = check.command;
  return new Promise((done, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        NEXT_TELEMETRY_DISABLED: '1',
        EDGEYARD_GUESTS: guests,
        ...check.environment,
      },
    });
    running = child;
    child.on('error', reject);
    child.on('close', (code) => {
      done(code === 0);
    });
  });
}

/** A runner that failed without a failed test (a crash, no report) counts as one failure. */
function outcomeOf(check: Check, ok: boolean): Outcome {
  const crash: Outcome = { passed: 0, failed: 1, failures: ['the check itself failed'], retried: [] };
  if (!check.report) return ok ? { passed: 1, failed: 0, failures: [], retried: [] } : crash;
  try {
    const outcome = check.report.read(JSON.parse(readFileSync(check.report.file, 'utf8')));
    if (ok || outcome.failed > 0) return outcome;
    return { ...crash, passed: outcome.passed, retried: outcome.retried };
  } catch {
    return crash;
  }
}

/** Whether somebody has the stack running already; theirs is used and left alone. */
function stackRuns(): boolean {
  return spawnSync('bash', [stackScript, 'status'], { stdio: 'ignore' }).status === 0;
}

function takeDown(): void {
  spawnSync('bash', [stackScript, 'down'], { stdio: 'inherit' });
}

/** Ctrl-C and a cancelled CI run must not leave a cloud behind. */
function takeDownAtTheEnd(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      running?.kill();
      takeDown();
      process.exit(1);
    });
  }
}
