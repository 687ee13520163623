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

/** Kinds of sites that have this form: clusters, Docker hosts, and other Edgeyards. */
export const workloadKinds = ['kubernetes', 'docker', 'edgeyard'] as const;
export type WorkloadKind = (typeof workloadKinds)[number];

/** Each kind has its own part; those of the others stay as they were and are not looked at. */
export const workloadForm = z
  .object({
    kind: z.enum(workloadKinds),
    name: z.string(),
    purpose: z.enum(sitePurposes),
    kubernetes: z.custom<SiteConfigs['kubernetes']>(),
    docker: z.custom<SiteConfigs['docker']>(),
    edgeyard: z.custom<SiteConfigs['edgeyard']>(),
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
      fault([kind, field], ['server', 'endpoint', 'url'].includes(field) ? field : 'wrong');
    }
    const { ca } = values[kind];
    if (ca.trim() !== '' && !isPem(ca)) fault([kind, 'ca'], 'pem');
    if (!stored && secret.trim() === '' && needsSecret(values)) fault(['secret'], 'required');
  });
export type WorkloadForm = z.infer<typeof workloadForm>;

/** Whether one cannot sign in without a secret: a socket and a port that asks for no certificate need none. */
function needsSecret({ kind, docker }: Pick<WorkloadForm, 'kind' | 'docker'>): boolean {
  return kind !== 'docker' || docker.endpoint.startsWith('ssh:');
}

/** What the form of a new site begins with. */
export function emptyWorkloadForm(kind: WorkloadKind): WorkloadForm {
  return {
    kind,
    name: '',
    // Single VMs cannot be made on another Edgeyard, so there is nothing to try out.
    purpose: kind === 'edgeyard' ? 'edge' : 'sandbox',
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
    edgeyard: { url: '', ca: '' },
    secret: '',
    stored: false,
  };
}

/** The form of a site that is there; undefined for one of another kind. */
export function workloadFormOf(site: SiteRow): WorkloadForm | undefined {
  const kind = workloadKinds.find((each) => each === site.kind);
  if (kind === undefined) return undefined;
  const base = emptyWorkloadForm(kind);
  return {
    ...base,
    name: site.name,
    purpose: site.purpose,
    ...(site.kind === 'kubernetes' && site.config && { kubernetes: site.config }),
    ...(site.kind === 'docker' && site.config && { docker: site.config }),
    ...(site.kind === 'edgeyard' && site.config && { edgeyard: site.config }),
    stored: site.hasSecret,
  };
}

/** The part that both a test and a change need: an empty secret is left out, and the stored one holds. */
export function workloadLoginOf(values: WorkloadForm): ExamineSiteInput {
  const secret = values.secret.trim() === '' ? {} : { secret: values.secret };
  switch (values.kind) {
    case 'kubernetes':
      return { kind: 'kubernetes', config: values.kubernetes, ...secret };
    case 'docker':
      return { kind: 'docker', config: values.docker, ...secret };
    case 'edgeyard':
      return { kind: 'edgeyard', config: values.edgeyard, ...secret };
  }
}

/** What makes a new site. */
export function newSiteOf(values: WorkloadForm): CreateSiteInput {
  const { name, purpose, secret } = values;
  switch (values.kind) {
    case 'kubernetes':
      return { kind: 'kubernetes', name, purpose, config: values.kubernetes, secret };
    case 'docker':
      return {
        kind: 'docker',
        name,
        purpose,
        config: values.docker,
        ...(secret.trim() !== '' && { secret }),
      };
    case 'edgeyard':
      return { kind: 'edgeyard', name, purpose, config: values.edgeyard, secret };
  }
}
