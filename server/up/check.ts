/**
 * The whole suite, one check after the other, with a summary that counts every test and names those that failed.
 * `--only name[,name]` runs some checks or groups; `--with openstack` and `--with kubernetes` add the groups that run on a
 * real OpenStack and on real clusters and Docker hosts. Such a stack is brought up for its group and taken down after it,
 * before the next one, so that both fit into the machine's memory; one that runs already is used and left alone. Ends with
 * the line "N passed, N failed" and a code other than 0 when anything failed.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Outcome, readPlaywright, readVitest } from './test-reports';

type Group = 'openstack' | 'kubernetes';

interface Check {
  name: string;
  command: string[];
  /** Where the runner writes its JSON report; the checks without one count as one test. */
  report?: { file: string; read: (report: unknown) => Outcome };
  environment?: Record<string, string>;
  /** Checks of a group run only when it is asked for. */
  group?: Group;
}

const root = resolve('.');
const cache = resolve('.cache');
const bin = (name: string) => `node_modules/.bin/${name}`;
// Tests build the guest images once, beside the other caches, and not in anybody's data folder.
const guests = process.env.EDGEYARD_GUESTS ?? resolve(cache, 'guests');
const stateOf = (group: Group) =>
  process.env[group === 'openstack' ? 'EDGEYARD_STACK' : 'EDGEYARD_KUBERNETES'] ??
  `/var/lib/edgeyard-${group}`;
const scriptOf = (group: Group) => `e2e/stacks/${group}/stack.sh`;
const onOpenstack = {
  group: 'openstack',
  environment: { OS_CLIENT_CONFIG_FILE: join(stateOf('openstack'), 'clouds.yaml') },
} as const;
const onKubernetes = {
  group: 'kubernetes',
  environment: {
    KUBECONFIG: ['edge1', 'edge2'].map((name) => join(stateOf('kubernetes'), name, 'kubeconfig')).join(':'),
  },
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
  vitest('registry'),
  playwright('e2e'),
  bringUp('openstack'),
  { ...onOpenstack, ...vitest('openstack'), name: 'openstack contract' },
  { ...onOpenstack, ...merged(playwright('openstack-e2e'), onOpenstack.environment), name: 'openstack e2e' },
  bringUp('kubernetes'),
  { ...onKubernetes, ...vitest('kubernetes'), name: 'kubernetes contract' },
  {
    ...onKubernetes,
    ...merged(playwright('kubernetes-e2e'), onKubernetes.environment),
    name: 'kubernetes e2e',
  },
];

mkdirSync(cache, { recursive: true });
const chosen = chooseChecks(process.argv.slice(2));
/** Stacks that this run has to take down: they did not run before. */
const ours = new Set(groupsOf(chosen).filter((group) => !stackRuns(group)));
if (ours.size > 0) takeDownAtTheEnd();

const lines: string[] = [];
const total: Outcome = { passed: 0, failed: 0, failures: [], retried: [] };
/** Stacks that did not come up: their checks fail without a try. */
const failedStacks = new Set<Group>();
let running: ChildProcess | undefined;
for (const [index, check] of chosen.entries()) {
  const started = Date.now();
  if (check.report) rmSync(check.report.file, { force: true });
  console.log(`\n── ${check.name}`);
  const ok = !(check.group && failedStacks.has(check.group)) && (await runCheck(check));
  if (!ok && check.group && check.name === `${check.group} up`) failedStacks.add(check.group);
  const outcome = outcomeOf(check, ok);
  total.passed += outcome.passed;
  total.failed += outcome.failed;
  total.failures.push(...outcome.failures.map((name) => `${check.name}: ${name}`));
  total.retried.push(...outcome.retried.map((name) => `${check.name}: ${name}`));
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  lines.push(
    `${ok ? 'ok    ' : 'FAILED'}  ${check.name.padEnd(20)} ${String(outcome.passed).padStart(5)} passed ${String(outcome.failed).padStart(4)} failed ${seconds.padStart(6)} s`,
  );
  if (check.group && !groupsOf(chosen.slice(index + 1)).includes(check.group)) takeDown(check.group);
}
// The end of a long log is what people see: the names come again here.
for (const name of total.retried) console.log(`passed only after another try: ${name}`);
for (const name of total.failures) console.log(`FAILED: ${name}`);
console.log(`\n${lines.join('\n')}\n`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed > 0 ? 1 : 0);

function chooseChecks(args: string[]): Check[] {
  const words = (flag: string) =>
    args.flatMap((arg, index) => (arg === flag ? (args[index + 1]?.split(',') ?? []) : []));
  const only = words('--only');
  const extra = words('--with');
  return checks.filter((check) =>
    only.length > 0
      ? only.includes(check.name) || only.includes(check.group ?? '')
      : check.group === undefined || extra.includes(check.group),
  );
}

function groupsOf(some: Check[]): Group[] {
  return [...new Set(some.flatMap((check) => check.group ?? []))];
}

function bringUp(group: Group): Check {
  return { name: `${group} up`, command: ['bash', scriptOf(group), 'up'], group };
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
function stackRuns(group: Group): boolean {
  return spawnSync('bash', [scriptOf(group), 'status'], { stdio: 'ignore' }).status === 0;
}

function takeDown(group: Group): void {
  if (!ours.delete(group)) return;
  spawnSync('bash', [scriptOf(group), 'down'], { stdio: 'inherit' });
}

/** Ctrl-C and a cancelled CI run must not leave a cloud or a cluster behind. */
function takeDownAtTheEnd(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      running?.kill();
      for (const group of ours) takeDown(group);
      process.exit(1);
    });
  }
}
