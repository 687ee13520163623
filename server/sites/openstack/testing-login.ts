/** Logins of the real cloud that the tests use. */
import { readFileSync } from 'node:fs';
import type { OpenStackAccess } from './login';
import { readCloudsYaml } from './import-login';

/**
 * A login out of the clouds.yaml that `OS_CLIENT_CONFIG_FILE` names.
 *
 * @throws Error that says what to do when there is no cloud
 */
export function testAccess(cloud: 'admin' | 'developer'): OpenStackAccess {
  const path = process.env.OS_CLIENT_CONFIG_FILE;
  if (!path) throw new Error('OS_CLIENT_CONFIG_FILE names no clouds.yaml: bring the test cloud up first');
  const found = readCloudsYaml(readFileSync(path, 'utf8')).find((each) => each.name === cloud);
  if (found?.secret === undefined) throw new Error(`${path} has no cloud ${cloud} with a password`);
  return { login: found.login, secret: found.secret };
}
