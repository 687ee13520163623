import { expect, it } from 'vitest';
import { subjectHref } from './subject-link';

it('leads from a job about a registry to the registries, and from what is gone nowhere', () => {
  const registry = { type: 'registry', id: 'store' } as const;
  expect(subjectHref({ subject: registry, subjectName: undefined, projectId: undefined })).toBe(
    '/admin/registries',
  );
  const image = { type: 'image', id: 'img_1' } as const;
  expect(subjectHref({ subject: image, subjectName: 'disk', projectId: undefined })).toBe('/images/img_1');
  expect(subjectHref({ subject: image, subjectName: undefined, projectId: undefined })).toBeUndefined();
});
