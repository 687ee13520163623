import { expect, it } from 'vitest';
import type { DeploymentRow } from './deployment-rows';
import { countValues, toDeployment } from './deployment-view';
import { developer, operator } from './testing';

it.each([
  ['', 0],
  ['  \n', 0],
  ['{}', 0],
  ['a: 1', 1],
  ['a: {b: x, c: [1, 2]}\nd:', 4],
  ['a: {}', 1],
  ['not: [a mapping', 1],
])('counts the settings of %j', (yaml, count) => {
  expect(countValues(yaml)).toBe(count);
});

const given = (values: string, revisions: { values: string; valuesGiven: number }[]) =>
  ({
    values,
    template: `text with ${values}`,
    reason: 'own words',
    parts: [],
    revisions,
  }) as unknown as DeploymentRow;

it('a text of nothing but comments is kept from developers too', () => {
  const secret = '# password: opensesame\n';
  const row = given(secret, [{ values: secret, valuesGiven: 0 }]);
  const seen = toDeployment(row, developer);
  expect(JSON.stringify(seen)).not.toContain('opensesame');
  expect(seen).toMatchObject({
    values: null,
    template: null,
    valuesGiven: 0,
    reason: '',
    revisions: [{ values: null }],
  });
  expect(toDeployment(row, operator)).toMatchObject({ values: secret, revisions: [{ values: secret }] });
});

it('values are kept from developers when the revision they came with is no longer kept', () => {
  const row = given('password: opensesame\n', [{ values: '', valuesGiven: 0 }]);
  const seen = toDeployment(row, developer);
  expect(JSON.stringify(seen)).not.toContain('opensesame');
  expect(seen).toMatchObject({ values: null, template: null, valuesGiven: 1, revisions: [{ values: '' }] });
});
