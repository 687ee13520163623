import { z } from 'zod';
import type { PullInput } from '@/server/containers/schemas';

/** What the pull dialog asks for. Its errors carry no words: the fields have their own. */
export const pullForm = z
  .object({
    reference: z.string().trim().min(1).max(500),
    platform: z.enum(['all', 'linux/amd64', 'linux/arm64']),
    needsLogin: z.boolean(),
    user: z.string().trim().max(200),
    password: z.string().max(4096),
    ca: z.string().max(100_000),
    plainHttp: z.boolean(),
  })
  .superRefine(({ needsLogin, user, password }, context) => {
    if (!needsLogin) return;
    if (user === '') context.addIssue({ code: 'custom', path: ['user'], message: 'missing' });
    if (password === '') context.addIssue({ code: 'custom', path: ['password'], message: 'missing' });
  });
export type PullValues = z.infer<typeof pullForm>;

export const emptyPull: PullValues = {
  reference: '',
  platform: 'all',
  needsLogin: false,
  user: '',
  password: '',
  ca: '',
  plainHttp: false,
};

/** What is sent for the filled form. */
export function pullOf(values: PullValues): PullInput {
  const [os = '', architecture = ''] = values.platform.split('/');
  return {
    reference: values.reference,
    ...(values.platform !== 'all' && { platforms: [{ os, architecture }] }),
    ...(values.needsLogin && { login: { user: values.user, password: values.password } }),
    ...(values.ca.trim() !== '' && { ca: values.ca }),
    ...(values.plainHttp && { plainHttp: true }),
  };
}
