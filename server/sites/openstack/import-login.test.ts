import { describe, expect, it } from 'vitest';
import { readCloudsYaml, readLogins, readOpenrc } from './import-login';

const horizonYaml = `# This is a clouds.yaml file, which can be used by OpenStack tools as a source
# of configuration on how to connect to a cloud.
clouds:
  openstack:
    auth:
      auth_url: https://cloud.example.org:5000/v3
      username: "ada"
      project_id: 0123456789abcdef0123456789abcdef
      project_name: "edge"
      user_domain_name: "Default"
    region_name: "RegionOne"
    interface: "public"
    identity_api_version: 3
`;

const horizonRc = `#!/usr/bin/env bash
# To use an OpenStack cloud you need to authenticate against the Identity
# service named keystone.
export OS_AUTH_URL=https://cloud.example.org:5000/v3/
export OS_PROJECT_ID=0123456789abcdef0123456789abcdef
export OS_PROJECT_NAME="edge"
export OS_USER_DOMAIN_NAME="Default"
if [ -z "$OS_USER_DOMAIN_NAME" ]; then unset OS_USER_DOMAIN_NAME; fi
export OS_PROJECT_DOMAIN_ID="default"
if [ -z "$OS_PROJECT_DOMAIN_ID" ]; then unset OS_PROJECT_DOMAIN_ID; fi
# unset v2.0 items in case set
unset OS_TENANT_ID
unset OS_TENANT_NAME
export OS_USERNAME="ada"
# With Keystone you pass the keystone password.
echo "Please enter your OpenStack Password for project $OS_PROJECT_NAME as user $OS_USERNAME: "
read -sr OS_PASSWORD_INPUT
export OS_PASSWORD=$OS_PASSWORD_INPUT
export OS_REGION_NAME="RegionOne"
if [ -z "$OS_REGION_NAME" ]; then unset OS_REGION_NAME; fi
export OS_INTERFACE=public
export OS_IDENTITY_API_VERSION=3
`;

const edgeGalleryRc = `export OS_USERNAME=admin
export OS_PASSWORD='p@ss $word'
export OS_PROJECT_NAME=admin
export OS_AUTH_URL=http://192.168.1.10/identity
export OS_USER_DOMAIN_NAME=Default
export OS_PROJECT_DOMAIN_NAME=Default
export OS_IDENTITY_API_VERSION=3
export HEAT_URL=http://192.168.1.10/heat-api/v1
export NOVA_URL=http://192.168.1.10/compute/v2.1
export GLANCE_URL=http://192.168.1.10/image/v2
`;

const thrown = (read: () => unknown): unknown => {
  try {
    read();
    return undefined;
  } catch (error) {
    return error;
  }
};

describe('clouds.yaml', () => {
  it('as Horizon gives it lacks the password', () => {
    expect(readLogins(horizonYaml)).toEqual([
      {
        kind: 'openstack',
        name: 'openstack',
        login: {
          authUrl: 'https://cloud.example.org:5000/v3',
          method: 'password',
          userName: 'ada',
          userDomain: 'Default',
          // Its domain is not in the file: the id is surer than the name.
          projectName: '0123456789abcdef0123456789abcdef',
          projectDomain: 'Default',
          credentialId: '',
          region: 'RegionOne',
          interface: 'public',
          ca: '',
          insecure: false,
        },
        secret: undefined,
        missing: ['secret'],
      },
    ]);
  });

  it('gets its password from a secure.yaml pasted behind it, digits and all', () => {
    const secure = 'clouds:\n  openstack:\n    auth:\n      password: 00123\n';
    for (const between of ['\n', '\n---\n']) {
      expect(readCloudsYaml(horizonYaml + between + secure)[0]).toMatchObject({
        secret: '00123',
        missing: [],
      });
    }
  });

  it('may sign in by an application credential, and name an authority’s file', () => {
    const [login] = readLogins(`clouds:
  prod:
    auth_type: "v3applicationcredential"
    auth:
      auth_url: https://cloud.example.org:5000
      application_credential_id: "9f4c"
      application_credential_secret: "s3cret"
    cacert: /etc/ssl/cloud.pem
    interface: internalURL
`);
    expect(login).toMatchObject({
      login: { method: 'applicationCredential', credentialId: '9f4c', userName: '', interface: 'internal' },
      secret: 's3cret',
      missing: ['ca'],
    });
  });

  it('may leave certificates unchecked, and then needs no authority', () => {
    const [login] = readLogins(
      'clouds:\n  lab:\n    auth: {auth_url: "https://lab:5000", username: a, password: b, project_name: p}\n    cacert: /x.pem\n    verify: false\n',
    );
    expect(login).toMatchObject({ login: { insecure: true }, missing: [] });
  });

  it('gives one login for each cloud and each of its regions, with merged defaults', () => {
    const logins = readLogins(`defaults: &defaults
  auth: &auth
    auth_url: https://cloud.example.org:5000/v3
    username: ada
    password: pw
    project_name: shared
  verify: true
clouds:
  one:
    <<: *defaults
    auth:
      <<: *auth
      project_name: one
    regions: [North, {name: South, values: {}}]
  two:
    auth: *auth
`);
    expect(logins.map(({ name, login }) => [name, login.projectName, login.region])).toEqual([
      ['one (North)', 'one', 'North'],
      ['one (South)', 'one', 'South'],
      ['two', 'shared', ''],
    ]);
  });

  it.each([
    ['clouds:\n  a:\n\tauth: x\n', 'badYaml', { line: 3 }],
    ['clouds:\n  a: text\n', 'notMapping', { name: 'a', line: 2 }],
    ['clouds: {}\n', 'noClouds', {}],
    ['clouds:\n  a:\n    profile: rackspace\n', 'profile', { name: 'a', line: 3, profile: 'rackspace' }],
    ['clouds:\n  a:\n    auth: {username: u}\n', 'noAuthUrl', { name: 'a' }],
    [
      'clouds:\n  a:\n    auth:\n      auth_url: cloud.example.org\n',
      'authUrl',
      { name: 'a', line: 4, value: 'cloud.example.org' },
    ],
    [
      'clouds:\n  a:\n    auth_type: v3oidcpassword\n    auth: {auth_url: "https://x"}\n',
      'authType',
      { name: 'a', line: 3, type: 'v3oidcpassword' },
    ],
    ['clouds:\n  a:\n    auth: {auth_url: "https://x", system_scope: all}\n', 'systemScope', { line: 3 }],
    ['clouds:\n  a:\n    interface: outer\n    auth: {auth_url: "https://x"}\n', 'interface', { line: 3 }],
    ['[[remotes]]', 'unknown', {}],
  ])('refuses %j with its line and rule', (text, rule, params) => {
    expect(thrown(() => readLogins(text))).toMatchObject({
      code: 'invalid',
      key: `sites.import.${rule}`,
      params,
    });
  });
});

describe('openrc', () => {
  it('as Horizon gives it asks for the password', () => {
    expect(readLogins(horizonRc)).toMatchObject([
      {
        name: 'edge',
        login: {
          authUrl: 'https://cloud.example.org:5000/v3/',
          userName: 'ada',
          projectName: 'edge',
          projectDomain: 'default',
          region: 'RegionOne',
        },
        secret: undefined,
        missing: ['secret'],
      },
    ]);
  });

  it('as EdgeGallery’s documents have it is complete', () => {
    expect(readLogins(edgeGalleryRc)).toMatchObject([
      {
        name: 'admin',
        login: { authUrl: 'http://192.168.1.10/identity', userName: 'admin' },
        secret: 'p@ss $word',
        missing: [],
      },
    ]);
  });

  it('may hold an application credential', () => {
    const text =
      'export OS_AUTH_TYPE=v3applicationcredential\nexport OS_AUTH_URL=https://x:5000\nexport OS_APPLICATION_CREDENTIAL_ID=1\nexport OS_APPLICATION_CREDENTIAL_SECRET=two # kept\n';
    expect(readOpenrc(text)[0]).toMatchObject({
      login: { method: 'applicationCredential', credentialId: '1' },
      secret: 'two',
    });
  });

  it('reads values as a shell does', () => {
    const read = (value: string) =>
      readOpenrc(`OS_PROJECT_NAME=p\nOS_AUTH_URL=https://x\nexport OS_PASSWORD=${value}\n`)[0]?.secret;
    expect(read(`"a\\"b\\$c"'d e'f\\ g; echo`)).toBe('a"b$cd ef g');
    expect(read('"${OS_PROJECT_NAME}-$OS_PROJECT_NAME"')).toBe('p-p');
    expect(read('${OS_OTHER:-fallback}')).toBe('fallback');
    expect(read('$PASSWORD_ASKED')).toBeUndefined();
  });

  it.each([
    ['OS_AUTH_URL=https://x\nOS_PASSWORD=$(pass cloud)\n', 'runsProgram', { line: 2, name: 'OS_PASSWORD' }],
    ['OS_AUTH_URL="https://x\n', 'openQuote', { line: 1, name: 'OS_AUTH_URL' }],
    ['export OS_CLOUD=prod\n', 'osCloud', { line: 1, name: 'prod' }],
    ['export OS_USERNAME=ada\n', 'noAuthUrl', { name: 'openrc' }],
  ])('refuses %j with its line and rule', (text, rule, params) => {
    expect(thrown(() => readLogins(text))).toMatchObject({ key: `sites.import.${rule}`, params });
  });
});
