import { describe, expect, it } from 'vitest';
import { asProblem } from '../problem';
import { familiarName, familiarReference, parseReference } from '../sites/image-reference';
import { nameOfFile, registryUrl, repositoryParts } from './names';

const sha = `sha256:${'a'.repeat(64)}`;

describe('image names', () => {
  it.each([
    ['nginx', { host: 'docker.io', path: 'library/nginx', tag: 'latest', digest: undefined }],
    ['docker.io/library/nginx:1', { host: 'docker.io', path: 'library/nginx', tag: '1', digest: undefined }],
    ['index.docker.io/nginx:1', { host: 'docker.io', path: 'library/nginx', tag: '1', digest: undefined }],
    ['a/web:1', { host: 'docker.io', path: 'a/web', tag: '1', digest: undefined }],
    ['localhost/x', { host: 'localhost', path: 'x', tag: 'latest', digest: undefined }],
    ['Quay.io:443/a/b/c:v1', { host: 'quay.io:443', path: 'a/b/c', tag: 'v1', digest: undefined }],
    [`quay.io/a@${sha}`, { host: 'quay.io', path: 'a', tag: '', digest: sha }],
    [`quay.io/a:2@${sha}`, { host: 'quay.io', path: 'a', tag: '2', digest: sha }],
    ['[::1]:5000/a', { host: '[::1]:5000', path: 'a', tag: 'latest', digest: undefined }],
  ])('%s', (text, expected) => {
    expect(parseReference(text)).toEqual(expected);
  });

  it.each([
    '',
    'A',
    'a:',
    'a//b',
    '../a',
    'a/../b',
    'a b',
    'a@sha256:12',
    `a@${sha}@${sha}`,
    '-a',
    'a:b:c',
    'x.y/',
  ])('refuses %j', (text) => {
    expect(() => parseReference(text)).toThrow(
      expect.objectContaining({ key: 'containers.errors.badReference' }) as Error,
    );
    try {
      parseReference(text);
    } catch (error) {
      expect(asProblem(error).code).toBe('invalid');
    }
  });

  it('shows them as Docker does', () => {
    expect(familiarName(parseReference('docker.io/library/nginx'))).toBe('nginx');
    expect(familiarReference(parseReference('docker.io/a/web:1'))).toBe('a/web:1');
    expect(familiarReference(parseReference(`quay.io/a@${sha}`))).toBe(`quay.io/a@${sha}`);
  });

  it('gives every name a repository of its own', () => {
    const names = ['a/web', 'b/web', 'web', 'h:5000/web', 'h.x/5000/web'];
    const paths = names.map((name) => repositoryParts('p', name).join('/'));
    expect(new Set(paths).size).toBe(names.length);
    expect(paths[3]).toBe('projects/p/h_5000/web');
  });

  it('knows where Docker Hub answers', () => {
    expect(registryUrl('docker.io', false)).toBe('https://registry-1.docker.io');
    expect(registryUrl('127.0.0.1:5000', true)).toBe('http://127.0.0.1:5000');
  });

  it.each([
    ['My Web App_1.0.tar.gz', 'my-web-app-1.0'],
    ['..tar', 'image'],
    ['镜像.tar', 'image'],
    ['a--b..c.tgz', 'a-b.c'],
  ])('calls what has no name after its file: %s', (file, name) => {
    expect(nameOfFile(file)).toBe(name);
    expect(parseReference(nameOfFile(file)).tag).toBe('latest');
  });
});
