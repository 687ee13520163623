import { describe, expect, it } from 'vitest';
import type { AppInput } from '@/server/sites/stacks';
import { deploymentForm, firstValues, freeName, toParameters } from './deployment-form';

const input = (name: string, more: Partial<AppInput> = {}): AppInput => ({
  name,
  type: 'string',
  description: '',
  default: undefined,
  required: false,
  secret: false,
  ...more,
});
const parameters = [
  input('network.name', { default: 'provider' }),
  input('workers', { type: 'number', default: 2 }),
  input('debug', { type: 'boolean', default: false }),
  input('password', { required: true, secret: true }),
];

describe('the form of a deployment', () => {
  it('starts with the defaults', () => {
    expect(firstValues('app', parameters)).toEqual({ name: 'app', values: ['provider', '2', 'false', ''] });
  });

  it('starts with nothing where the site does not offer the default', () => {
    const zone = (choices: string[]) => input('zone', { default: 'nova', choices });
    expect(firstValues('app', [zone(['nova']), zone(['east'])]).values).toEqual(['nova', '']);
  });

  it('says which parameter is missing or of another type', () => {
    const check = deploymentForm(parameters).safeParse({ name: '1 app', values: ['x', 'two', '', ' '] });
    expect(check.error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`)).toEqual([
      'name name',
      'values.1 number',
      'values.3 required',
    ]);
  });

  it('sends each value in its type and leaves out what is empty', () => {
    expect(toParameters(parameters, ['edge', '3', 'true', 's3cret'])).toEqual({
      'network.name': 'edge',
      workers: 3,
      debug: true,
      password: 's3cret',
    });
    expect(toParameters(parameters, ['', '', 'false', ' '])).toEqual({ debug: false });
  });

  it.each([
    ['Face Recognition', [], 'Face-Recognition'],
    ['智能 camera 2', [], 'camera-2'],
    ['人脸识别', [], 'app'],
    ['9lives', ['lives', 'lives-2'], 'lives-3'],
    ['a'.repeat(80), ['a'.repeat(60)], `${'a'.repeat(58)}-2`],
  ])('names a deployment of %s', (wish, taken, name) => {
    expect(freeName(wish, taken)).toBe(name);
    expect(deploymentForm([]).safeParse({ name, values: [] }).success).toBe(true);
  });
});
