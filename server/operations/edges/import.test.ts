import { afterEach, describe, expect, it } from 'vitest';
import { Problem } from '../../problem';
import { loginSchemas } from '../../sites/schemas';
import { admin, cloudInput } from '../../sites/testing';
import { testEdges } from './testing';

let open: ReturnType<typeof testEdges> | undefined;
const bench = () => (open = testEdges());
afterEach(async () => {
  await open?.edges.close();
  await open?.sites.room.close();
  open = undefined;
});

const yaml = `# Two edges
edges:
  - name: Harbour
    kind: kubernetes
    config:
      server: https://10.0.0.5:6443
      method: token
    secret: harbour token
    labels: { region: north, tier: "2" }
    place: { address: Pier 4, latitude: 53.54, longitude: 9.98 }
    registry:
      url: https://10.0.0.6:5000
      user: push
      password: push sesame
  - name: Shed
    kind: docker
    config: { endpoint: 'tcp://10.0.0.7:2376' }
    enabled: false
`;

const csv = `name,kind,server,endpoint,token,config.method,labels,latitude,longitude,address,registry,registry.user,registry.password,enabled
Harbour,kubernetes,https://10.0.0.5:6443,,harbour token,token,region=north;tier=2,53.54,9.98,Pier 4,https://10.0.0.6:5000,push,push sesame,

Shed,docker,,tcp://10.0.0.7:2376,,,,,,,,,,no
`;

describe.each([
  ['yaml' as const, yaml, [3, 15]],
  ['csv' as const, csv, [2, 4]],
])('a %s file', (format, text, lines) => {
  it('is looked through without changing anything', () => {
    const { edges, sites } = bench();
    expect(edges.previewImport({ format, text })).toEqual([
      { line: lines[0], name: 'Harbour', kind: 'kubernetes', outcome: 'create', problem: null, edgeId: null },
      { line: lines[1], name: 'Shed', kind: 'docker', outcome: 'create', problem: null, edgeId: null },
    ]);
    expect(sites.room.list()).toEqual([]);
  });

  it('becomes edges with all that it says, and tells no secret', () => {
    const { edges, sealed } = bench();
    const made = edges.import(admin, { format, text });
    expect(made.map(({ outcome }) => outcome)).toEqual(['create', 'create']);
    const [harbour, shed] = edges.list();
    expect(harbour).toMatchObject({
      id: made[0]?.edgeId,
      name: 'Harbour',
      labels: { region: 'north', tier: '2' },
      place: { address: 'Pier 4', latitude: 53.54, longitude: 9.98 },
      registry: { url: 'https://10.0.0.6:5000', user: 'push', hasPassword: true },
    });
    expect(shed).toMatchObject({ kind: 'docker', enabled: false });
    expect(sealed.get(`site:${harbour?.id}`)).toBe('harbour token');
    expect(sealed.get(`edge:${harbour?.id}:push`)).toBe('push sesame');
    expect(JSON.stringify([made, edges.list()])).not.toMatch(/harbour token|sesame/);
  });

  it('changes nothing when it comes again', () => {
    const { edges, audited } = bench();
    edges.import(admin, { format, text });
    const before = audited.length;
    const again = edges.import(admin, { format, text });
    expect(again.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged']);
    expect(audited).toHaveLength(before);
  });

  it('changes what is another, and only that', () => {
    const { edges, sealed, sites } = bench();
    edges.import(admin, { format, text });
    const other = text.replace('harbour token', 'new token').replace('tier', 'floor');
    expect(edges.previewImport({ format, text: other }).map(({ outcome }) => outcome)).toEqual([
      'update',
      'unchanged',
    ]);
    edges.import(admin, { format, text: other });
    const [harbour] = edges.list();
    expect(harbour?.labels).toEqual({ region: 'north', floor: '2' });
    expect(sealed.get(`site:${harbour?.id}`)).toBe('new token');
    expect(sites.room.list()).toHaveLength(2);
  });
});

describe('an import', () => {
  const of = (entries: string) => ({ format: 'yaml' as const, text: entries });

  it('refuses what does not fit, with the line, and takes the rest', () => {
    const { edges, sites } = bench();
    sites.room.create(admin, { ...cloudInput, name: 'Sandbox', purpose: 'sandbox' });
    sites.room.create(admin, { ...cloudInput, name: 'Cloud' });
    const result = edges.import(
      admin,
      of(`- name: Good
  kind: docker
  config: { endpoint: 'unix:///run/docker.sock' }
- name: Bad place
  kind: docker
  config: { endpoint: 'unix:///run/docker.sock' }
  place: { latitude: 91, longitude: 0 }
- name: Bad endpoint
  kind: docker
  config:
    endpoint: nowhere
- name: Good
  kind: docker
- { name: Stranger, kind: docker, colour: red }
- { name: Stranger 2, kind: docker, config: { endpoint: 'unix:///a', colour: red } }
- { name: Sandbox, kind: openstack }
- { name: Cloud, kind: docker }
- { name: New, kind: docker }
- { name: Lost, kind: libvirt }
- just text
- { name: No secret, kind: kubernetes, config: { server: 'https://a', method: token } }
- { name: Reg, kind: docker, config: { endpoint: 'unix:///a' }, registry: { url: 'https://r/path' } }
- { name: Pass, kind: docker, config: { endpoint: 'unix:///a' }, registry: { url: 'https://r', user: u } }
`),
    );
    const said = result
      .slice(1)
      .map(({ problem }) => [problem?.key, problem?.params.line, problem?.params.field]);
    expect(result.map(({ outcome }) => outcome)).toEqual(['create', ...said.map(() => 'refused')]);
    expect(said).toEqual([
      ['edges.import.badField', 7, 'place.latitude'],
      ['workloads.errors.badEndpoint', 11, 'config.endpoint'],
      ['edges.import.twice', 12, undefined],
      ['edges.import.unknownField', 14, 'colour'],
      ['edges.import.unknownField', 15, 'config.colour'],
      ['edges.import.sandbox', 16, undefined],
      ['edges.import.otherKind', 17, undefined],
      ['edges.import.noConfig', 18, undefined],
      ['edges.import.badField', 19, 'kind'],
      ['edges.import.badField', 20, ''],
      ['sites.errors.secretMissing', undefined, undefined],
      ['registries.errors.badAddress', 22, 'registry.url'],
      ['registries.errors.passwordMissing', undefined, undefined],
    ]);
    expect(edges.list().map(({ name }) => name)).toEqual(['Cloud', 'Good']);
  });

  it('does not send a stored secret to another address', () => {
    const { edges } = bench();
    edges.import(admin, { format: 'yaml', text: yaml });
    const [entry] = edges.import(
      admin,
      of(`- { name: Harbour, kind: kubernetes, config: { server: 'https://evil.example.org' } }`),
    );
    expect(entry).toMatchObject({ outcome: 'refused', problem: { key: 'sites.errors.secretElsewhere' } });
  });

  it('takes the login out of a kubeconfig', () => {
    const { edges, logins, sealed, sites } = bench();
    logins.read = (text) => [
      {
        kind: 'kubernetes',
        name: 'ctx',
        login: loginSchemas.kubernetes.parse({ server: text.trim(), method: 'token' }),
        secret: 'from the file',
        missing: [],
        current: true,
      },
    ];
    const text =
      '- name: Pier\n  kind: kubernetes\n  login: |\n    https://10.1.1.1\n  config: { publicHost: pier.example.org }\n';
    const [made] = edges.import(admin, of(text));
    expect(made?.outcome).toBe('create');
    expect(sites.room.get(made?.edgeId ?? '').config).toMatchObject({
      server: 'https://10.1.1.1',
      publicHost: 'pier.example.org',
    });
    expect(sealed.get(`site:${made?.edgeId}`)).toBe('from the file');
    const [docker] = edges.import(admin, of('- { name: D, kind: docker, login: x }'));
    expect(docker?.problem?.key).toBe('edges.import.noLoginFile');
  });

  it.each([
    ['yaml', 'edges: [', 'edges.import.badYaml', 1],
    ['yaml', 'a: 1\na: 2\n', 'edges.import.badYaml', 2],
    ['yaml', 'edges: 3', 'edges.import.noList', undefined],
    ['yaml', '', 'edges.import.empty', undefined],
    [
      'yaml',
      'a: &a [1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b]\nedges: [*c,*c,*c,*c,*c]',
      'edges.import.badYaml',
      1,
    ],
    ['csv', 'name,kind\n"a,b\n', 'edges.import.badCsv', 2],
    ['csv', 'name,kind\na,b,c\n', 'edges.import.badCsv', 2],
    ['csv', 'name,kind\n', 'edges.import.empty', undefined],
  ] as const)('says what is wrong with a file (%s, %j)', (format, text, key, line) => {
    const { edges } = bench();
    const failed = (): Problem | undefined => {
      try {
        edges.previewImport({ format, text });
      } catch (error) {
        if (error instanceof Problem) return error;
        throw error;
      }
      return undefined;
    };
    expect(failed()).toMatchObject({ code: 'invalid', key });
    expect(failed()?.params.line).toBe(line);
  });

  it('knows the line of a row after one with a certificate in it', () => {
    const { edges } = bench();
    const rows = 'name,kind,endpoint,ca\nA,docker,tcp://a:1,"one\ntwo\nthree"\nB,docker,tcp://b:1,\n';
    expect(edges.previewImport({ format: 'csv', text: rows }).map(({ line }) => line)).toEqual([2, 5]);
  });

  it('sets nothing but fields of its own for a column of any name', () => {
    const { edges } = bench();
    const [row] = edges.previewImport({
      format: 'csv',
      text: 'name,kind,__proto__,__proto__.x\nA,docker,1,2\n',
    });
    expect(row).toMatchObject({ outcome: 'refused', problem: { key: 'edges.import.unknownField' } });
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });
});
