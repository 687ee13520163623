import { expect, it } from 'vitest';
import { commonParameters } from './common-parameters';
import type { Parameter } from './deployment-form';

const parameter = (name: string, choices?: string[], required = false): Parameter => ({
  name,
  type: 'string',
  description: '',
  required,
  secret: false,
  ...(choices && { choices }),
});

it('asks each question once, with the choices that every edge has', () => {
  const common = commonParameters([
    [parameter('network', ['a', 'b']), parameter('size')],
    [parameter('network', ['b', 'c'], true), parameter('zone', ['x'])],
  ]);
  expect(common.map(({ name, choices, required }) => [name, choices, required])).toEqual([
    ['network', ['b'], true],
    ['size', undefined, false],
    ['zone', ['x'], false],
  ]);
});
