import { z } from 'zod';
import {
  loginSchemas,
  sitePurposes,
  type CreateSiteInput,
  type ExamineSiteInput,
  type SiteConfigs,
  type SiteRow,
} from '@/server/sites/schemas';
import { isPem } from './site-form';

/** Kinds of sites that run containers. */
export const workloadKinds = ['kubernetes', 'docker'] as const;
export type WorkloadKind = (typeof workloadKinds)[number];

/** Each kind has its own part; the other's stays as it was and is not looked at. */
export const workloadForm = z
  .object({
    kind: z.enum(workloadKinds),
    name: z.string(),
    purpose: z.enum(sitePurposes),
    kubernetes: z.custom<SiteConfigs['kubernetes']>(),
    docker: z.custom<SiteConfigs['docker']>(),
    secret: z.string().max(50_000),
    /** Whether the server holds a secret already, so that an empty field means: unchanged. */
    stored: z.boolean(),
  })
  .superRefine((values, context) => {
    const fault = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const { kind, name, secret, stored } = values;
    if (name.trim() === '' || name.trim().length > 80) fault(['name'], 'name');
    const parsed = loginSchemas[kind].safeParse(values[kind]);
    for (const { path } of parsed.error?.issues ?? []) {
      const field = String(path[0]);
      fault([kind, field], field === 'server' || field === 'endpoint' ? field : 'wrong');
    }
    const { ca } = values[kind];
    if (ca.trim() !== '' && !isPem(ca)) fault([kind, 'ca'], 'pem');
    if (!stored && secret.trim() === '' && needsSecret(values)) fault(['secret'], 'required');
  });
export type WorkloadForm = z.infer<typeof workloadForm>;

/** Whether one cannot sign in without a secret: a socket and a port that asks for no certificate need none. */
function needsSecret({ kind, docker }: Pick<WorkloadForm, 'kind' | 'docker'>): boolean {
  return kind === 'kubernetes' || docker.endpoint.startsWith('ssh:');
}

/** What the form of a new site begins with. */
export function emptyWorkloadForm(kind: WorkloadKind): WorkloadForm {
  return {
    kind,
    name: '',
    purpose: 'sandbox',
    kubernetes: {
      server: '',
      method: 'token',
      context: '',
      userName: '',
      tlsServerName: '',
      ca: '',
      insecure: false,
      publicHost: '',
    },
    docker: { endpoint: '', tls: true, ca: '', insecure: false, hostKey: '', publicHost: '' },
    secret: '',
    stored: false,
  };
}

/** The form of a site that is there; undefined for one of another kind. */
export function workloadFormOf(site: SiteRow): WorkloadForm | undefined {
  if (site.kind !== 'kubernetes' && site.kind !== 'docker') return undefined;
  const base = emptyWorkloadForm(site.kind);
  return {
    ...base,
    name: site.name,
    purpose: site.purpose,
    ...(site.kind === 'kubernetes' && site.config && { kubernetes: site.config }),
    ...(site.kind === 'docker' && site.config && { docker: site.config }),
    stored: site.hasSecret,
  };
}

/** The part that both a test and a change need: an empty secret is left out, and the stored one holds. */
export function workloadLoginOf(values: WorkloadForm): ExamineSiteInput {
  const secret = values.secret.trim() === '' ? {} : { secret: values.secret };
  return values.kind === 'kubernetes'
    ? { kind: 'kubernetes', config: values.kubernetes, ...secret }
    : { kind: 'docker', config: values.docker, ...secret };
}

/** What makes a new site. */
export function newSiteOf(values: WorkloadForm): CreateSiteInput {
  const { name, purpose, secret } = values;
  return values.kind === 'kubernetes'
    ? { kind: 'kubernetes', name, purpose, config: values.kubernetes, secret }
    : {
        kind: 'docker',
        name,
        purpose,
        config: values.docker,
        ...(secret.trim() !== '' && { secret }),
      };
}
