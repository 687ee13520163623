import pino from 'pino';
import { expect, it, vi } from 'vitest';
import { Problem } from '../problem';
import { openFakeSite } from '../sites/fake/fake-site';
import { siteRegistry } from '../sites/registry';
import type { ImageCopies } from '../sites/site';
import { dropSiteCopies } from './site-copies';

it('every site that keeps copies drops them, whatever becomes of the others', async () => {
  const away = vi.fn<ImageCopies['drop']>(() =>
    Promise.reject(new Problem('unavailable', 'openstack.errors.timeout')),
  );
  const there = vi.fn<ImageCopies['drop']>(() => Promise.resolve());
  const sites = siteRegistry([
    openFakeSite({ id: 'local' }),
    Object.assign(openFakeSite({ id: 'north' }), { copies: { drop: away } }),
    Object.assign(openFakeSite({ id: 'south' }), { copies: { drop: there } }),
  ]);
  const log = pino({ level: 'silent' });
  const warn = vi.spyOn(log, 'warn');
  await dropSiteCopies({ sites: () => sites, log }, { id: 'img_1', digest: null });
  expect(there).toHaveBeenCalledWith({ id: 'img_1', digest: undefined }, expect.anything());
  expect(warn.mock.calls.map(([facts]) => facts)).toMatchObject([{ site: 'north', image: 'img_1' }]);
});
