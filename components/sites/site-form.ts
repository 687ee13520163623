import { z } from 'zod';
import { createCloudSchema, sitePurposes, type CreateCloudInput } from '@/server/sites/schemas';

type Login = CreateCloudInput['config'];

// The API fills in what a caller leaves out; in the form every field has a value from the beginning.
const login = createCloudSchema.shape.config as unknown as z.ZodType<Login, Login>;

/** The names of the login's fields. */
export const loginFieldNames = createCloudSchema.shape.config.keyof().options;

/** The page's form of a cloud: its name and purpose, how to sign in, and the secret, which is only ever sent. */
export const siteForm = z
  .object({
    name: z.string().trim().min(1).max(80),
    purpose: z.enum(sitePurposes),
    config: login,
    secret: z.string().max(10_000),
    /** Whether the server holds a secret already, so that an empty field means: unchanged. */
    stored: z.boolean(),
  })
  .superRefine(({ config, secret, stored }, context) => {
    const wants = (path: (string | number)[], value: string) => {
      if (value.trim() === '') context.addIssue({ code: 'custom', path, message: 'required' });
    };
    if (config.method === 'password') {
      wants(['config', 'userName'], config.userName);
      wants(['config', 'projectName'], config.projectName);
    } else {
      wants(['config', 'credentialId'], config.credentialId);
    }
    if (!stored) wants(['secret'], secret);
    if (config.ca.trim() !== '' && !isPem(config.ca))
      context.addIssue({ code: 'custom', path: ['config', 'ca'], message: 'pem' });
  });
export type SiteForm = z.infer<typeof siteForm>;

/** What the form of a new site begins with. */
export const emptySiteForm: SiteForm = {
  name: '',
  purpose: 'sandbox',
  config: {
    authUrl: '',
    method: 'password',
    userName: '',
    userDomain: 'Default',
    projectName: '',
    projectDomain: 'Default',
    credentialId: '',
    region: '',
    interface: 'public',
    ca: '',
    insecure: false,
  },
  secret: '',
  stored: false,
};

/** Whether a text holds at least one PEM certificate, whole. */
export function isPem(text: string): boolean {
  return /-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(text);
}

/** The part that both a test and a change need: an empty secret is left out, and the stored one holds. */
export function loginOf({ config, secret }: SiteForm): {
  config: SiteForm['config'];
  secret?: string;
} {
  return { config, ...(secret === '' ? {} : { secret }) };
}

/** The rule that a value broke, as a key of `adminSites.rules`: most fields have one rule, of their own name. */
export function ruleOf(issue: z.core.$ZodRawIssue): string {
  const field = String(issue.path?.at(-1) ?? '');
  return field === 'authUrl' || field === 'name' ? field : 'wrong';
}
