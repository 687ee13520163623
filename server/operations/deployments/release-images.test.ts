import { expect, it } from 'vitest';
import { imageMeant } from './release-images';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const images = [
  { name: 'acme/web:1', digest: digest('a') },
  { name: 'nginx:latest', digest: digest('b') },
  { name: 'quay.io/acme/db:2', digest: digest('c') },
];

it.each([
  ['acme/web:1', 'a'],
  ['docker.io/acme/web:1', 'a'],
  ['nginx', 'b'],
  ['docker.io/library/nginx:latest', 'b'],
  ['quay.io/acme/db:2', 'c'],
  [`elsewhere.test/x@${digest('c')}`, 'c'],
  [`acme/web:9@${digest('a')}`, 'a'],
  ['10.0.0.7:443/acme/web:1', 'a'],
  ['edge.test/project/acme/web:1', 'a'],
  ['//nginx:latest', 'b'],
])('%s is the image it means', (text, letter) => {
  expect(imageMeant(images, text)?.digest).toBe(digest(letter));
});

it.each(['acme/web:2', 'otherweb:1', 'acme/notweb:1', 'No Image', `acme/web:1@${digest('d')}`])(
  '%s means none of them',
  (text) => {
    expect(imageMeant(images, text)).toBeUndefined();
  },
);

it('what could be two images is neither', () => {
  const two = [
    { name: 'web:1', digest: digest('a') },
    { name: 'acme/web:1', digest: digest('b') },
  ];
  expect(imageMeant(two, 'edge.test/acme/web:1')).toBeUndefined();
  expect(imageMeant(two, 'edge.test/other/web:1')?.digest).toBe(digest('a'));
});
