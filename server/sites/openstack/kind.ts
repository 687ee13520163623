import type { SiteKindDefinition } from '../site-kind';
import { checkLogin, mayReuseSecret } from './check-login';
import { examineCloud } from './examine';
import { readLogins } from './import-login';
import { openStackLogin, type OpenStackLogin } from './login';
import { openOpenStackSite, type OpenStackSiteOptions } from './openstack-site';

/**
 * OpenStack as a kind of site that administrators can add.
 *
 * @param parts what every site of the kind needs beside its login
 */
export function openStackKind(
  parts: Pick<OpenStackSiteOptions, 'library' | 'log'>,
): SiteKindDefinition<OpenStackLogin> {
  return {
    schema: openStackLogin,
    check: (login) => checkLogin(login),
    needsSecret: () => true,
    addressOf: ({ authUrl }) => authUrl,
    mayReuseSecret,
    open: (id, name, login, secret) => openOpenStackSite({ ...parts, id, name, access: { login, secret } }),
    examine: (login, secret, signal) => examineCloud({ login, secret }, signal),
    readLogins,
  };
}
