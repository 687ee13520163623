import { expect, it } from 'vitest';
import { openSignInLimits } from './sign-in-limits';

const tooMany = 'access.errors.tooManyAttempts';

it('lets a whole office in through one address, but not a guesser', async () => {
  const limits = openSignInLimits();
  for (let i = 0; i < 200; i += 1) {
    await limits.attempt('proxy', `person-${i}`);
    await limits.succeeded('proxy', `person-${i}`);
  }
  for (let i = 0; i < 50; i += 1) await limits.attempt('guesser', `person-${i}`);
  await expect(limits.attempt('guesser', 'person-50')).rejects.toThrow(tooMany);
});

it('does not let a stranger lock somebody out', async () => {
  const limits = openSignInLimits();
  for (let i = 0; i < 10; i += 1) await limits.attempt('stranger', 'anna@example.org');
  await expect(limits.attempt('stranger', ' Anna@example.org')).rejects.toThrow(tooMany);
  await limits.attempt('home', 'anna@example.org');
});
