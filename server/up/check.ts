/**
 * The whole suite, one check after the other, with a summary that counts every test. `--only name[,name]` runs some.
 * Ends with the line "N passed, N failed" and a code other than 0 when anything failed.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';

interface Check {
  name: string;
  command: string[];
  /** Where the runner writes its JSON report; the checks without one count as one test. */
  report?: { file: string; count: (report: unknown) => Counts };
  environment?: Record<string, string>;
}

interface Counts {
  passed: number;
  failed: number;
}

const cache = resolve('.cache');
const bin = (name: string) => `node_modules/.bin/${name}`;
// Tests build the guest images once, beside the other caches, and not in anybody's data folder.
const guests = process.env.EDGEYARD_GUESTS ?? resolve(cache, 'guests');

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
  {
    name: 'e2e',
    command: [bin('playwright'), 'test', '--config=e2e/playwright.config.ts'],
    environment: { PLAYWRIGHT_JSON_OUTPUT_NAME: `${cache}/e2e.json` },
    report: { file: `${cache}/e2e.json`, count: countPlaywright },
  },
];

mkdirSync(cache, { recursive: true });
const only = process.argv.includes('--only')
  ? process.argv[process.argv.indexOf('--only') + 1]?.split(',')
  : undefined;
const lines: string[] = [];
const total: Counts = { passed: 0, failed: 0 };
for (const check of checks.filter((candidate) => only?.includes(candidate.name) ?? true)) {
  const started = Date.now();
  if (check.report) rmSync(check.report.file, { force: true });
  console.log(`\n── ${check.name}`);
  const ok = await runCheck(check);
  const counts = countsOf(check, ok);
  total.passed += counts.passed;
  total.failed += counts.failed;
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  lines.push(
    `${ok ? 'ok    ' : 'FAILED'}  ${check.name.padEnd(12)} ${String(counts.passed).padStart(5)} passed ${String(counts.failed).padStart(4)} failed ${seconds.padStart(6)} s`,
  );
}
console.log(`\n${lines.join('\n')}\n`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed > 0 ? 1 : 0);

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
    report: { file, count: countVitest },
  };
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
    child.on('error', reject);
    child.on('close', (code) => {
      done(code === 0);
    });
  });
}

/** A runner that failed without a failed test (a crash, no report) counts as one failure. */
function countsOf(check: Check, ok: boolean): Counts {
  if (!check.report) return ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  try {
    const counts = check.report.count(JSON.parse(readFileSync(check.report.file, 'utf8')));
    return { passed: counts.passed, failed: ok ? counts.failed : Math.max(1, counts.failed) };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

function countVitest(report: unknown): Counts {
  const { numPassedTests, numFailedTests } = report as { numPassedTests: number; numFailedTests: number };
  return { passed: numPassedTests, failed: numFailedTests };
}

function countPlaywright(report: unknown): Counts {
  const { stats } = report as { stats: { expected: number; unexpected: number; flaky: number } };
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected };
}
