import type { SiteKindDefinition } from '../site-kind';
import { openDockerSite, type DockerSiteOptions } from './docker-site';
import { checkCertificate, checkClientCertificate } from '../client-certificate';
import { endpointOf } from './engine';
import { examineDocker } from './examine';
import { dockerLogin, type DockerLogin } from './login';

/** Docker hosts as a kind of site that administrators can add. */
export function dockerKind(parts: Pick<DockerSiteOptions, 'log'>): SiteKindDefinition<DockerLogin> {
  return {
    schema: dockerLogin,
    check: checkLogin,
    needsSecret: (login) => endpointOf(login).way === 'ssh',
    addressOf: ({ endpoint }) => endpoint,
    mayReuseSecret: (stored, wanted) =>
      stored.endpoint === wanted.endpoint &&
      stored.tls === wanted.tls &&
      stored.hostKey === wanted.hostKey &&
      (stored.insecure || !wanted.insecure),
    open: (id, name, login, secret) => openDockerSite({ ...parts, id, name, access: { login, secret } }),
    examine: (login, secret, signal) => examineDocker({ login, secret }, signal),
  };
}

/** @throws Problem `invalid` for certificates that are none, or one without its key */
function checkLogin(login: DockerLogin, secret = ''): void {
  if (login.ca.trim() !== '') checkCertificate(login.ca);
  if (endpointOf(login).way !== 'tcp' || secret === '') return;
  checkClientCertificate(secret);
}
