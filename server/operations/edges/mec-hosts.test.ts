import { afterEach, expect, it } from 'vitest';
import { loginSchemas, type ImportedLogin } from '../../sites/schemas';
import { admin } from '../../sites/testing';
import { mecHostInput } from './mec-host-schemas';
import { testEdges } from './testing';

let open: ReturnType<typeof testEdges> | undefined;
const bench = () => {
  open = testEdges();
  open.logins.read = (text) => [kubeconfig(text)];
  return { ...open, hosts: open.edges.mecHosts };
};
afterEach(async () => {
  await open?.edges.close();
  await open?.sites.room.close();
  open = undefined;
});

/** As EdgeGallery's MECM page sends it. */
const sent = mecHostInput.parse({
  mechostIp: '192.0.2.10',
  mechostName: 'edge-1',
  zipCode: '710000',
  city: "Xi'an",
  address: 'Gaoxin Road 1',
  affinity: 'X86',
  userName: 'root',
  mepmIp: '192.0.2.1',
  coordinates: '108.9,34.2',
  hwcapabilities: [{ hwType: 'GPU', hwVendor: 'vendor', hwModel: 'model' }],
  vim: 'K8S',
});

function kubeconfig(server: string, missing: ImportedLogin['missing'] = []): ImportedLogin {
  return {
    kind: 'kubernetes',
    name: 'ctx',
    login: loginSchemas.kubernetes.parse({ server, method: 'token' }),
    secret: 'the token',
    missing,
    current: true,
  };
}

it('keeps a host, and makes it an edge with its configuration', async () => {
  const { edges, hosts, sites, audited } = bench();
  hosts.add(admin, sent);
  expect(hosts.get('192.0.2.10')).toEqual({
    mechostIp: '192.0.2.10',
    mechostName: 'edge-1',
    zipCode: '710000',
    city: "Xi'an",
    address: 'Gaoxin Road 1',
    affinity: 'X86',
    userName: 'root',
    applcmIp: '',
    mepmIp: '192.0.2.1',
    appRuleIp: '',
    coordinates: '108.9,34.2',
    hwcapabilities: [{ hwType: 'GPU', hwVendor: 'vendor', hwModel: 'model' }],
    vim: 'K8S',
    configUploadStatus: null,
  });
  expect(edges.list()).toEqual([]);
  expect(() => hosts.edgeOf('192.0.2.10')).toThrow('edges.errors.notConfigured');
  expect(() => {
    hosts.add(admin, sent);
  }).toThrow('edges.errors.hostKnown');
  hosts.configure(admin, '192.0.2.10', 'https://192.0.2.10:6443');
  const [edge] = edges.list();
  expect(edge).toMatchObject({
    name: 'edge-1',
    kind: 'kubernetes',
    place: { address: "Gaoxin Road 1, Xi'an", latitude: 34.2, longitude: 108.9 },
  });
  expect(hosts.edgeOf('192.0.2.10').id).toBe(edge?.id);
  expect(hosts.ipOf(edge?.id ?? '')).toBe('192.0.2.10');
  expect(hosts.get('192.0.2.10')).toMatchObject({ configUploadStatus: 'Uploaded' });
  expect(sites.room.get(edge?.id ?? '').config).toMatchObject({ server: 'https://192.0.2.10:6443' });
  expect(audited.map(({ action }) => action)).toContain('mecHost.create');
});

it('changes, takes the configuration away, and forgets', async () => {
  const { edges, hosts } = bench();
  hosts.add(admin, sent);
  hosts.configure(admin, '192.0.2.10', 'https://192.0.2.10:6443');
  hosts.change(admin, '192.0.2.10', { ...sent, mechostName: 'edge-2', coordinates: '34,108.5', city: 'B' });
  expect(edges.list()[0]).toMatchObject({ name: 'edge-2', place: { latitude: 34, longitude: 108.5 } });
  expect(() => {
    hosts.change(admin, '192.0.2.10', { ...sent, vim: 'OpenStack' });
  }).toThrow('edges.errors.otherVim');
  expect(() => {
    hosts.change(admin, '192.0.2.99', sent);
  }).toThrow('edges.errors.otherHost');
  hosts.configure(admin, '192.0.2.10', 'https://192.0.2.11:6443');
  expect(edges.list()).toHaveLength(1);
  await hosts.unconfigure(admin, '192.0.2.10');
  expect(edges.list()).toEqual([]);
  expect(hosts.list()).toMatchObject([{ mechostName: 'edge-2', city: 'B', configUploadStatus: null }]);
  await hosts.remove(admin, '192.0.2.10');
  expect(hosts.list()).toEqual([]);
  expect(() => hosts.get('192.0.2.10')).toThrow('edges.errors.noHost');
});

it('finds edges that were made here by the host of their API, each under a name of its own', async () => {
  const { hosts, addCluster, edges, sites } = bench();
  const one = await addCluster('Pier', 'https://192.0.2.20:6443');
  await addCluster('Quay', 'https://192.0.2.20:7443');
  sites.room.create(admin, {
    kind: 'docker',
    name: 'Shed',
    purpose: 'edge',
    config: loginSchemas.docker.parse({ endpoint: 'tcp://192.0.2.30:2376' }),
  });
  expect(hosts.list().map(({ mechostIp, mechostName }) => [mechostIp, mechostName])).toEqual([
    ['192.0.2.20', 'Pier'],
    ['192.0.2.20:7443', 'Quay'],
  ]);
  edges.update(admin, one.id, { place: { address: 'Pier 4', latitude: 1, longitude: 2 } });
  expect(hosts.get('192.0.2.20')).toMatchObject({ address: 'Pier 4', coordinates: '2,1' });
  await hosts.unconfigure(admin, '192.0.2.20');
  expect(hosts.get('192.0.2.20')).toMatchObject({ mechostName: 'Pier', configUploadStatus: null });
});

it('waits for another configuration when its site was removed by other ways', async () => {
  const { hosts, edges, sites } = bench();
  hosts.add(admin, sent);
  hosts.configure(admin, '192.0.2.10', 'https://192.0.2.10:6443');
  await sites.room.remove(admin, edges.list()[0]?.id ?? '');
  expect(hosts.get('192.0.2.10').configUploadStatus).toBeNull();
  hosts.configure(admin, '192.0.2.10', 'https://192.0.2.10:6443');
  expect(edges.list()).toHaveLength(1);
});

it('refuses a configuration that lacks something, and says what', () => {
  const { hosts, logins, edges } = bench();
  hosts.add(admin, sent);
  logins.read = () => [kubeconfig('https://192.0.2.10:6443', ['ca'])];
  expect(() => {
    hosts.configure(admin, '192.0.2.10', 'x');
  }).toThrow('edges.errors.loginLacks {"missing":"ca"}');
  expect(edges.list()).toEqual([]);
});

it.each([
  ['108.9,34.2', [108.9, 34.2]],
  ['34.2, 108.9', [108.9, 34.2]],
  ['north gate', undefined],
  ['200,300', undefined],
  ['', undefined],
])('reads the coordinates %j', (coordinates, at) => {
  const { hosts, edges } = bench();
  hosts.add(admin, { ...sent, coordinates });
  hosts.configure(admin, '192.0.2.10', 'https://192.0.2.10:6443');
  const place = edges.list()[0]?.place;
  expect(place ? [place.longitude, place.latitude] : undefined).toEqual(at);
});
