import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { Problem } from '../../problem';
import { readKubeconfig } from './import-login';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const cluster = {
  name: 'edge',
  cluster: { server: 'https://10.0.0.1:6443', 'certificate-authority-data': base64('-----BEGIN CA') },
};
const fileOf = (user: object, more: object = {}) =>
  stringify({
    clusters: [cluster],
    users: [{ name: 'ada', user }],
    contexts: [{ name: 'ada@edge', context: { cluster: 'edge', user: 'ada' } }],
    'current-context': 'ada@edge',
    ...more,
  });
const problemOf = (text: string) => {
  try {
    readKubeconfig(text);
  } catch (error) {
    if (error instanceof Problem) return error;
  }
  throw new Error('it was read');
};

describe('a kubeconfig', () => {
  it('gives token and authority of a context', () => {
    expect(readKubeconfig(fileOf({ token: 'abc' }))).toMatchObject([
      {
        name: 'ada@edge',
        current: true,
        secret: 'abc',
        missing: [],
        login: { server: 'https://10.0.0.1:6443', method: 'token', userName: 'ada', ca: '-----BEGIN CA' },
      },
    ]);
  });

  it('gives a client certificate with its key as one secret', () => {
    const user = { 'client-certificate-data': base64('CERT\n'), 'client-key-data': base64('KEY\n') };
    expect(readKubeconfig(fileOf(user))).toMatchObject([
      { secret: 'CERT\nKEY', login: { method: 'certificate' }, missing: [] },
    ]);
  });

  it('reads no other file and runs no program: what is only pointed at is told as missing', () => {
    const pointing = fileOf(
      { 'client-certificate': '/root/cert.pem', 'client-key': '/root/key.pem' },
      {
        clusters: [{ name: 'edge', cluster: { server: 'https://a:1', 'certificate-authority': '/root/ca' } }],
      },
    );
    const [byFile] = readKubeconfig(pointing);
    expect(byFile).toMatchObject({ missing: ['secret', 'ca'], login: { method: 'certificate', ca: '' } });
    expect(byFile).not.toHaveProperty('secret');
    const [byProgram] = readKubeconfig(fileOf({ exec: { command: 'touch', args: ['/tmp/ran'] } }));
    expect(byProgram).toMatchObject({ missing: ['secret'], login: { method: 'token' } });
  });

  it('puts the current context first, and leaves out those that lead nowhere', () => {
    const text = fileOf(
      { token: 'abc' },
      {
        contexts: [
          { name: 'lost', context: { cluster: 'gone', user: 'ada' } },
          { name: 'second', context: { cluster: 'edge', user: 'nobody' } },
          { name: 'ada@edge', context: { cluster: 'edge', user: 'ada' } },
        ],
      },
    );
    expect(readKubeconfig(text).map(({ name, missing }) => [name, missing])).toEqual([
      ['ada@edge', []],
      ['second', ['secret']],
    ]);
  });

  it('says where it is not YAML, and when it is something else', () => {
    expect(problemOf('clusters:\n  - name: [')).toMatchObject({ key: 'sites.import.badYaml' });
    expect(problemOf('hello: world')).toMatchObject({ key: 'workloads.import.noKubeconfig' });
    expect(problemOf(fileOf({ token: 'a' }, { clusters: [] }))).toMatchObject({
      key: 'workloads.import.noCluster',
    });
    const odd = fileOf({ token: 'a' }, { clusters: [{ name: 'edge', cluster: { server: 'ftp://x' } }] });
    expect(problemOf(odd)).toMatchObject({ key: 'workloads.import.badField', params: { name: 'ada@edge' } });
  });
});
