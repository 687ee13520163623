/** The body of a login, and what a refused one means. */
import { Problem } from '../../problem';
import type { OpenStackAccess, OpenStackLogin } from './login';

const idLike = /^[0-9a-f]{32}$/;

/**
 * Keystone v3's `auth` body. A password login is scoped to its project; an application credential is bound to one.
 *
 * @param scoped false asks for a token without any project, to tell a wrong password from a wrong project
 */
export function loginBody(access: OpenStackAccess, scoped = true): unknown {
  const { login, secret } = access;
  if (login.method === 'applicationCredential') {
    const credential = { id: login.credentialId, secret };
    return {
      auth: { identity: { methods: ['application_credential'], application_credential: credential } },
    };
  }
  const user = { name: login.userName, domain: domain(login.userDomain), password: secret };
  const identity = { methods: ['password'], password: { user } };
  if (!scoped) return { auth: { identity, scope: 'unscoped' } };
  // Without a project keystone takes the account's default one.
  return { auth: login.projectName === '' ? { identity } : { identity, scope: { project: project(login) } } };
}

function project(login: OpenStackLogin): unknown {
  return idLike.test(login.projectName)
    ? { id: login.projectName }
    : { name: login.projectName, domain: domain(login.projectDomain) };
}

// Files name a domain by name or by id without saying which; ids are 32 hex digits, and keystone's first one is `default`.
function domain(name: string): unknown {
  return name === 'default' || idLike.test(name) ? { id: name } : { name: name === '' ? 'Default' : name };
}

/**
 * The Problem of a login that keystone refused with 401 although it was asked rightly.
 *
 * @param refusal what `faultOf` made of it: its detail is kept
 * @param headers of the answer: a receipt means that a second factor is asked for
 */
export function refusedLogin(
  login: OpenStackLogin,
  refusal: Problem,
  headers: Record<string, string>,
): Problem {
  const options = { detail: refusal.detail };
  if (headers['openstack-auth-receipt'] !== undefined) {
    return new Problem('invalid', 'openstack.errors.secondFactor', { user: login.userName }, options);
  }
  return login.method === 'password'
    ? new Problem('invalid', 'openstack.errors.wrongPassword', { user: login.userName }, options)
    : new Problem('invalid', 'openstack.errors.wrongCredential', { id: login.credentialId }, options);
}
