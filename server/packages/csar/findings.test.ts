import { expect, it } from 'vitest';
import packages from '../../../messages/en/packages.json';
import { Findings, rules } from './findings';

it('has words for every rule', () => {
  expect(Object.keys(packages.rules).toSorted()).toEqual(rules.toSorted());
});

it('puts the worst first, then goes by file and line', () => {
  const findings = new Findings();
  findings.add('manifestUnnamed', 'a');
  findings.add('hashMismatch', 'b.mf', 9);
  findings.add('hashMismatch', 'b.mf', 2);
  findings.add('fileUnlisted', 'c');
  expect(findings.list().map(({ severity, line }) => `${severity} ${line ?? ''}`)).toEqual([
    'error 2',
    'error 9',
    'warning ',
    'note ',
  ]);
});
