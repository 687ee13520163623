import { z } from 'zod';
import type { ProblemReport } from '../problem';
import { openStackLogin } from './openstack/login';
import { siteKinds, type Capability, type SiteKind } from './site';

/** What the VMs of a site are for: trying an app out, or running it. */
export const sitePurposes = ['sandbox', 'edge'] as const;
export type SitePurpose = (typeof sitePurposes)[number];

/** How a site stands; one that is not `ready` has a problem or is being opened. */
export const siteStates = ['ready', 'opening', 'unavailable', 'disabled'] as const;
export type SiteState = (typeof siteStates)[number];

/** Kinds that an administrator can add; the embedded QEMU site is set in edgeyard.yaml. */
export const configurableKinds = ['openstack'] as const satisfies readonly SiteKind[];
export type ConfigurableKind = (typeof configurableKinds)[number];

const name = z.string().trim().min(1, 'sites.errors.nameMissing').max(80, 'sites.errors.nameTooLong');
/** A password or the secret of an application credential. */
const secret = z.string().min(1, 'sites.errors.secretMissing').max(10_000);
const kind = z.enum(configurableKinds);

/** A site as everybody who makes VMs sees it. */
export interface SiteView {
  id: string;
  kind: SiteKind;
  name: string;
  purpose: SitePurpose;
  capabilities: Capability[];
  state: SiteState;
  /** Why it is unavailable, or why it was not at the last try. */
  problem: ProblemReport | undefined;
  /** When the state was entered, milliseconds since 1970. */
  since: number;
}

/** A site as administrators see it; its secret never leaves the server. */
export interface SiteRow extends SiteView {
  /** Set in edgeyard.yaml; not to be changed here. */
  builtIn: boolean;
  /** Undefined for a built-in site. */
  config: z.infer<typeof openStackLogin> | undefined;
  hasSecret: boolean;
  vmCount: number;
  /** Milliseconds since 1970; undefined for a built-in site. */
  createdAt: number | undefined;
  updatedAt: number | undefined;
}

const problem = z.object({
  code: z.string(),
  key: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
  detail: z.string().optional(),
});

/** {@link SiteView} for descriptions of the API. */
export const siteViewSchema = z.object({
  id: z.string(),
  kind: z.enum(siteKinds),
  name: z.string(),
  purpose: z.enum(sitePurposes),
  capabilities: z.array(z.string()).describe('What the site can do beside running VMs'),
  state: z.enum(siteStates),
  problem: problem.optional().describe('Why it is unavailable'),
  since: z.number().describe('When the state was entered, milliseconds since 1970'),
});

/** {@link SiteRow} for descriptions of the API. */
export const siteRowSchema = siteViewSchema.extend({
  builtIn: z.boolean().describe('Set in edgeyard.yaml; not to be changed here'),
  config: openStackLogin.optional(),
  hasSecret: z.boolean(),
  vmCount: z.int(),
  createdAt: z.number().optional(),
  updatedAt: z.number().optional(),
});

export const createSiteSchema = z.object({
  kind,
  name,
  purpose: z.enum(sitePurposes).default('sandbox'),
  config: openStackLogin,
  secret,
});
export type CreateSiteInput = z.infer<typeof createSiteSchema>;

/** What is absent stays as it is. */
export const updateSiteSchema = z.object({
  name: name.optional(),
  purpose: z.enum(sitePurposes).optional(),
  enabled: z.boolean().optional(),
  config: openStackLogin.optional(),
  secret: secret.optional(),
});
export type UpdateSiteInput = z.infer<typeof updateSiteSchema>;

/** A form to be tried before it is saved; with `siteId` and no secret, the site's stored one is used. */
export const examineSiteSchema = z.object({
  siteId: z.string().max(64).optional(),
  kind: kind.default('openstack'),
  config: openStackLogin,
  secret: secret.optional(),
});
export type ExamineSiteInput = z.infer<typeof examineSiteSchema>;

/** Services of a cloud that are looked at apart. */
export const cloudServices = [
  'identity',
  'compute',
  'image',
  'network',
  'orchestration',
  'placement',
] as const;

/** What a test of the connection looks at, in order. */
export const lightNames = ['dns', 'tcp', 'tls', 'login', 'catalogue', ...cloudServices, 'quota'] as const;
export type LightName = (typeof lightNames)[number];

export const lightSchema = z.object({
  light: z.enum(lightNames),
  state: z.enum(['ok', 'warn', 'failed', 'skipped']),
  ms: z.number().describe('How long it took, in milliseconds'),
  says: z.string().describe('Full message key'),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
  detail: z.string().optional().describe('The foreign words behind it'),
  certificate: z
    .object({
      subject: z.string(),
      issuer: z.string(),
      fingerprint: z.string().describe('SHA-256 of the certificate, hex pairs with colons'),
      validUntil: z.number().describe('Milliseconds since 1970'),
      trusted: z.boolean(),
      pem: z.string().describe('The chain as the server showed it; fits into `ca`'),
    })
    .optional(),
});
export type Light = z.infer<typeof lightSchema>;

/** What a file of logins could not tell, so that the person is asked. */
export const missingParts = ['secret', 'ca', 'userName', 'projectName', 'credentialId'] as const;
export type MissingPart = (typeof missingParts)[number];

/** Longest text of logins, in characters. */
export const maxImportLength = 200_000;
export const importLoginSchema = z.object({ text: z.string().max(maxImportLength) });

/** A login out of clouds.yaml or an openrc. Its secret goes back only to who has just sent it. */
export const importedLoginSchema = z.object({
  name: z.string(),
  login: openStackLogin,
  secret: z.string().optional(),
  missing: z.array(z.enum(missingParts)),
});
export type ImportedLogin = z.infer<typeof importedLoginSchema>;
