/** Logins out of the files that every OpenStack gives its users: clouds.yaml (with secure.yaml) and openrc. */
import { Problem } from '../../problem';
import type { ImportedOpenStackLogin, MissingPart } from '../schemas';
import { cloudsIn } from './clouds-yaml';
import { openStackLogin } from './login';
import { variablesIn } from './openrc';

/** What both files say about one cloud, under the names of clouds.yaml; each with the line it stands on. */
export type Said = ReadonlyMap<string, { value: string; line: number }>;

const idLike = /^[0-9a-f]{32}$/;
const yes = /^(true|yes|on|1)$/i;
const no = /^(false|no|off|0)$/i;
const passwordTypes: readonly string[] = ['', 'password', 'v3password'];
const credentialTypes: readonly string[] = ['v3applicationcredential', 'v3_application_credential'];

/**
 * Reads the logins in a text, whichever kind of file it is.
 *
 * @param text the file, or clouds.yaml and secure.yaml one after the other
 * @returns one login for each cloud and region, with what the file does not tell
 * @throws Problem `invalid` that names the line and the rule
 */
export function readLogins(text: string): ImportedOpenStackLogin[] {
  if (/^["']?clouds["']?\s*:/m.test(text)) return readCloudsYaml(text);
  if (/^\s*(export\s+)?OS_[A-Z0-9_]+=/m.test(text)) return readOpenrc(text);
  throw new Problem('invalid', 'sites.import.unknown');
}

/**
 * Reads a clouds.yaml; secure.yaml may follow in the same text and is merged into it.
 *
 * @throws Problem `invalid` that names the line and the rule
 */
export function readCloudsYaml(text: string): ImportedOpenStackLogin[] {
  const clouds = cloudsIn(text);
  if (clouds.length === 0) throw new Problem('invalid', 'sites.import.noClouds');
  return clouds.flatMap(({ name, said, regions }) => {
    const login = loginIn(name, said);
    if (regions.length < 2) {
      const [only] = regions;
      return login.login.region === '' && only !== undefined
        ? { ...login, login: { ...login.login, region: only } }
        : login;
    }
    return regions.map((region) => ({
      ...login,
      name: `${name} (${region})`,
      login: { ...login.login, region },
    }));
  });
}

/**
 * Reads an openrc file as Horizon, DevStack or EdgeGallery's documents have it. Nothing in it is run: a password that
 * the script would ask for is reported as missing.
 *
 * @throws Problem `invalid` that names the line and the rule
 */
export function readOpenrc(text: string): ImportedOpenStackLogin[] {
  const said = variablesIn(text);
  const cloud = said.get('cloud');
  if (cloud && !said.has('auth_url')) {
    throw new Problem('invalid', 'sites.import.osCloud', { line: cloud.line, name: cloud.value });
  }
  const name = valueIn(said, 'project_name', 'tenant_name') || 'openrc';
  return [loginIn(name, said)];
}

function loginIn(name: string, said: Said): ImportedOpenStackLogin {
  refuseStrangers(name, said);
  const given = (...keys: string[]) => valueIn(said, ...keys);
  const method = methodOf(name, said);
  const userDomain = given('user_domain_name', 'user_domain_id', 'default_domain', 'default_domain_id');
  const projectDomain = given(
    'project_domain_name',
    'project_domain_id',
    'default_domain',
    'default_domain_id',
  );
  const secret = method === 'password' ? given('password') : given('application_credential_secret');
  const login = openStackLogin.safeParse({
    authUrl: given('auth_url'),
    method,
    userName: method === 'password' ? given('username', 'user_name') : '',
    userDomain: userDomain || undefined,
    projectName: method === 'password' ? projectIn(said, projectDomain !== '') : '',
    projectDomain: projectDomain || undefined,
    credentialId: method === 'password' ? '' : given('application_credential_id'),
    region: given('region_name'),
    interface: given('interface', 'endpoint_type').replace(/URL$/, '') || undefined,
    insecure: no.test(given('verify')) || yes.test(given('insecure')),
  });
  if (!login.success) throw badField(name, said, login.error.issues[0]?.path[0]);
  return {
    kind: 'openstack',
    name,
    login: login.data,
    secret: secret === '' ? undefined : secret,
    missing: missingIn(login.data, secret, given('cacert')),
  };
}

/** A project is named by name and domain; without the domain its id is surer. */
function projectIn(said: Said, withDomain: boolean): string {
  const name = valueIn(said, 'project_name', 'tenant_name');
  const id = valueIn(said, 'project_id', 'tenant_id');
  return name !== '' && (withDomain || !idLike.test(id)) ? name : id;
}

function methodOf(name: string, said: Said): 'password' | 'applicationCredential' {
  const type = said.get('auth_type') ?? said.get('auth_plugin');
  const word = type?.value.toLowerCase() ?? '';
  if (credentialTypes.includes(word)) return 'applicationCredential';
  if (passwordTypes.includes(word)) {
    const credential = valueIn(said, 'application_credential_id', 'application_credential_secret');
    return credential !== '' && word === '' ? 'applicationCredential' : 'password';
  }
  throw new Problem('invalid', 'sites.import.authType', { name, line: type?.line ?? 0, type: word });
}

/** What changes the meaning of all the rest and is not known here is refused by name. */
function refuseStrangers(name: string, said: Said): void {
  const profile = said.get('profile') ?? said.get('cloud');
  if (profile && !said.has('auth_url')) {
    throw new Problem('invalid', 'sites.import.profile', {
      name,
      line: profile.line,
      profile: profile.value,
    });
  }
  const system = said.get('system_scope');
  if (system) throw new Problem('invalid', 'sites.import.systemScope', { name, line: system.line });
}

function badField(name: string, said: Said, field: PropertyKey | undefined): Problem {
  if (field === 'interface') {
    const at = said.get('interface') ?? said.get('endpoint_type');
    return new Problem('invalid', 'sites.import.interface', {
      name,
      line: at?.line ?? 0,
      value: at?.value ?? '',
    });
  }
  const url = said.get('auth_url');
  if (field === 'authUrl' && !url) return new Problem('invalid', 'sites.import.noAuthUrl', { name });
  if (field === 'authUrl' && url) {
    return new Problem('invalid', 'sites.import.authUrl', { name, line: url.line, value: url.value });
  }
  return new Problem('invalid', 'sites.import.tooLong', { name });
}

function missingIn(login: ImportedOpenStackLogin['login'], secret: string, cacert: string): MissingPart[] {
  const missing: MissingPart[] = [];
  if (secret === '') missing.push('secret');
  // A path on the machine of whoever has the file: the certificates themselves are needed.
  if (cacert !== '' && !login.insecure) missing.push('ca');
  if (login.method === 'password' && login.userName === '') missing.push('userName');
  if (login.method === 'password' && login.projectName === '') missing.push('projectName');
  if (login.method === 'applicationCredential' && login.credentialId === '') missing.push('credentialId');
  return missing;
}

function valueIn(said: Said, ...keys: string[]): string {
  for (const key of keys) {
    const found = said.get(key)?.value.trim();
    if (found !== undefined && found !== '') return found;
  }
  return '';
}
