import { checkCertificate, checkClientCertificate } from '../client-certificate';
import type { SiteKindDefinition } from '../site-kind';
import { examineCluster } from './examine';
import { readKubeconfig } from './import-login';
import { openKubernetesSite, type KubernetesSiteOptions } from './kubernetes-site';
import { kubernetesLogin, type KubernetesLogin } from './login';

/** Kubernetes clusters as a kind of site that administrators can add. */
export function kubernetesKind(
  parts: Pick<KubernetesSiteOptions, 'log'>,
): SiteKindDefinition<KubernetesLogin> {
  return {
    schema: kubernetesLogin,
    check: checkLogin,
    needsSecret: () => true,
    addressOf: ({ server }) => server,
    mayReuseSecret: (stored, wanted) =>
      new URL(stored.server).origin === new URL(wanted.server).origin &&
      stored.method === wanted.method &&
      (stored.insecure || !wanted.insecure),
    open: (id, name, login, secret) => openKubernetesSite({ ...parts, id, name, access: { login, secret } }),
    examine: (login, secret, signal) => examineCluster({ login, secret }, signal),
    readLogins: readKubeconfig,
  };
}

/** @throws Problem `invalid` for certificates that are none, or one without its key */
function checkLogin({ method, ca }: KubernetesLogin, secret = ''): void {
  if (ca.trim() !== '') checkCertificate(ca);
  if (method === 'token') return;
  checkClientCertificate(secret);
}
