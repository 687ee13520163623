import { expect, it } from 'vitest';
import { sameSitePath } from './return-to';

it.each([
  ['/projects/p_1?tab=files#x', '/projects/p_1?tab=files#x'],
  ['/', '/'],
  [undefined, '/'],
  ['https://evil.example/', '/'],
  ['//evil.example/', '/'],
  ['/\\evil.example/', '/'],
  ['/\t/evil.example/', '/'],
  ['/a\\b', '/'],
  ['javascript:alert(1)', '/'],
  ['/../..//evil.example', '/'],
  ['/api/auth/sign-out', '/'],
])('leads %s to %s', (next, path) => {
  expect(sameSitePath(next)).toBe(path);
});
