import { describe, expect, it } from 'vitest';
import { readPlaywright, readVitest } from './test-reports';

describe('the reports of the test runners', () => {
  it('counts vitest tests, names failures and tests that needed another try', () => {
    const report = {
      testResults: [
        {
          name: '/project/server/a.test.ts',
          status: 'failed',
          message: '',
          assertionResults: [
            { fullName: 'a works', status: 'passed', failureMessages: [] },
            { fullName: 'a is slow', status: 'passed', failureMessages: ['too late'] },
            { fullName: 'a breaks', status: 'failed', failureMessages: ['no'] },
            { fullName: 'a is left out', status: 'skipped', failureMessages: [] },
          ],
        },
        {
          name: '/project/server/b.test.ts',
          status: 'failed',
          message: 'Cannot find module\n at x',
          assertionResults: [],
        },
      ],
    };
    expect(readVitest(report, '/project')).toEqual({
      passed: 2,
      failed: 2,
      failures: ['server/a.test.ts › a breaks', 'server/b.test.ts Cannot find module'],
      retried: ['server/a.test.ts › a is slow'],
    });
  });

  it('counts Playwright tests in nested suites', () => {
    const spec = (title: string, status: string) => ({
      title,
      file: 'a.spec.ts',
      line: 3,
      tests: [{ status }],
    });
    const report = {
      suites: [
        {
          specs: [spec('opens', 'expected')],
          suites: [
            { specs: [spec('shakes', 'flaky'), spec('breaks', 'unexpected'), spec('later', 'skipped')] },
          ],
        },
      ],
    };
    expect(readPlaywright(report)).toEqual({
      passed: 2,
      failed: 1,
      failures: ['a.spec.ts:3 › breaks'],
      retried: ['a.spec.ts:3 › shakes'],
    });
  });
});
