/** Logins out of a kubeconfig: kubernetes.io/docs/reference/config-api/kubeconfig.v1. */
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { Problem } from '../../problem';
import type { ImportedKubernetesLogin, MissingPart } from '../schemas';
import { kubernetesLogin } from './login';

const text = z.coerce.string();
const cluster = z.object({
  server: text.default(''),
  'certificate-authority': text.optional(),
  'certificate-authority-data': text.optional(),
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': text.optional(),
});
// What signs in by a program (`exec`, `auth-provider`) has nothing to be stored: a token is asked for instead.
const user = z.object({
  token: text.optional(),
  'client-certificate-data': text.optional(),
  'client-key-data': text.optional(),
  'client-certificate': text.optional(),
});
const named = <T extends z.ZodType>(key: string, of: T) =>
  z.array(
    z
      .object({ name: text })
      .catchall(z.unknown())
      .transform((each) => ({ name: each.name, of: of.safeParse(each[key] ?? {}) })),
  );
const context = z.object({ cluster: text, user: text.default('') });
const file = z.object({
  'current-context': text.default(''),
  clusters: named('cluster', cluster).default([]),
  users: named('user', user).default([]),
  contexts: named('context', context).default([]),
});

/**
 * Reads the contexts of a kubeconfig. Nothing in it is run, and no other file is read: what it only points at is told as
 * missing.
 *
 * @returns one login for each context that leads to a cluster, the current one first
 * @throws Problem `invalid` that names the line or what is not there
 */
export function readKubeconfig(source: string): ImportedKubernetesLogin[] {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines });
  const [fault] = document.errors;
  if (fault) {
    const line = fault.linePos?.[0].line ?? 1;
    throw new Problem(
      'invalid',
      'sites.import.badYaml',
      { line },
      { detail: fault.message.split('\n', 1)[0] },
    );
  }
  const read = file.safeParse(document.toJS());
  if (!read.success || read.data.contexts.length === 0) {
    throw new Problem('invalid', 'workloads.import.noKubeconfig');
  }
  const { clusters, users, contexts } = read.data;
  const current = read.data['current-context'];
  const logins = contexts.flatMap(({ name, of }) => {
    const target = of.data && clusters.find((each) => each.name === of.data?.cluster)?.of.data;
    if (!of.data || !target) return [];
    const who = users.find((each) => each.name === of.data?.user)?.of.data ?? {};
    return [loginOf(name, target, who, of.data.user, name === current)];
  });
  if (logins.length === 0) throw new Problem('invalid', 'workloads.import.noCluster');
  return logins.toSorted((a, b) => Number(b.current) - Number(a.current));
}

function loginOf(
  name: string,
  target: z.infer<typeof cluster>,
  who: z.infer<typeof user>,
  userName: string,
  current: boolean,
): ImportedKubernetesLogin {
  const token = who.token?.trim() ?? '';
  const pair = [who['client-certificate-data'], who['client-key-data']];
  const certificate = pair.every((part) => part !== undefined)
    ? pair
        .map((part) =>
          Buffer.from(part ?? '', 'base64')
            .toString()
            .trim(),
        )
        .join('\n')
    : undefined;
  const secret = certificate ?? (token === '' ? undefined : token);
  const byCertificate =
    certificate !== undefined || (token === '' && who['client-certificate'] !== undefined);
  const ca = target['certificate-authority-data'];
  const login = kubernetesLogin.safeParse({
    server: target.server,
    method: byCertificate ? 'certificate' : 'token',
    context: name,
    userName,
    tlsServerName: target['tls-server-name'] ?? '',
    ca: ca === undefined ? '' : Buffer.from(ca, 'base64').toString(),
    insecure: target['insecure-skip-tls-verify'] ?? false,
  });
  if (!login.success) {
    const field = login.error.issues[0]?.path.join('.') ?? '';
    throw new Problem('invalid', 'workloads.import.badField', { name, field, value: target.server });
  }
  const missing: MissingPart[] = secret === undefined ? ['secret'] : [];
  if (ca === undefined && target['certificate-authority'] !== undefined && !login.data.insecure)
    missing.push('ca');
  return {
    kind: 'kubernetes',
    name,
    login: login.data,
    ...(secret !== undefined && { secret }),
    missing,
    current,
  };
}
