import { expect, it } from 'vitest';
import type { Packages } from '../packages/packages';
import { keepersOf } from './belongings';

it('takes what names images away before the images', () => {
  const one = <Type extends 'image' | 'containerImage'>(type: Type) => [
    { type, id: type, name: type, size: undefined },
  ];
  const keepers = keepersOf({
    packages: {
      list: () =>
        [{ id: 'package', name: 'Camera', version: '1.0', size: 7 }] as ReturnType<Packages['list']>,
      remove: async () => {},
    },
    images: { belongings: { list: () => one('image'), remove: async () => {} } },
    containers: { belongings: { list: () => one('containerImage'), remove: async () => {} } },
  });
  expect(keepers.flatMap((keeper) => keeper.list('p')).map(({ type, name }) => `${type} ${name}`)).toEqual([
    'package Camera 1.0',
    'image image',
    'containerImage containerImage',
  ]);
});
