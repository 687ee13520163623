/** Reads the JSON reports of the two test runners: how many passed and failed, and which tests to name at the end. */

/** What one runner says about its tests. */
export interface Outcome {
  passed: number;
  failed: number;
  /** Full names of the tests that failed in every try, with their files. */
  failures: string[];
  /** Full names of the tests that passed only after another try. */
  retried: string[];
}

interface VitestReport {
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
  }[];
}

interface PlaywrightSuite {
  specs?: { title: string; file: string; line: number; tests: { status: string }[] }[];
  suites?: PlaywrightSuite[];
}

/**
 * Vitest's `json` reporter. A file that could not be loaded counts as one failure; a test that passed with failure
 * messages needed another try.
 *
 * @param report the parsed report
 * @param root absolute path of the project, cut from the file names
 */
export function readVitest(report: unknown, root: string): Outcome {
  const outcome: Outcome = { passed: 0, failed: 0, failures: [], retried: [] };
  for (const file of (report as VitestReport).testResults) {
    const path = file.name.replace(`${root}/`, '');
    for (const test of file.assertionResults) {
      const name = `${path} › ${test.fullName}`;
      if (test.status === 'failed') outcome.failures.push(name);
      if (test.status !== 'passed') continue;
      outcome.passed += 1;
      if (test.failureMessages.length > 0) outcome.retried.push(name);
    }
    const blamed = file.assertionResults.some((test) => test.status === 'failed');
    if (file.status === 'failed' && !blamed)
      outcome.failures.push(`${path} ${firstLine(file.message)}`.trim());
  }
  outcome.failed = outcome.failures.length;
  return outcome;
}

/**
 * Playwright's `json` reporter.
 *
 * @param report the parsed report
 */
export function readPlaywright(report: unknown): Outcome {
  const { suites, errors = [] } = report as { suites: PlaywrightSuite[]; errors?: { message?: string }[] };
  const outcome: Outcome = { passed: 0, failed: 0, failures: [], retried: [] };
  for (const spec of suites.flatMap(specsOf)) {
    const name = `${spec.file}:${spec.line} › ${spec.title}`;
    for (const { status } of spec.tests) {
      if (status === 'unexpected') outcome.failures.push(name);
      if (status === 'flaky') outcome.retried.push(name);
      if (status === 'expected' || status === 'flaky') outcome.passed += 1;
    }
  }
  for (const error of errors) outcome.failures.push(firstLine(error.message ?? 'Playwright failed'));
  outcome.failed = outcome.failures.length;
  return outcome;
}

function specsOf(suite: PlaywrightSuite): NonNullable<PlaywrightSuite['specs']> {
  return [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specsOf)];
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
