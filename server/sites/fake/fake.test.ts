import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownSite, siteContract } from '../contract';
import { fakeImage, openFakeSite } from './fake-site';

const open = async () => {
  const site = openFakeSite({ id: 'fake', images: [fakeImage({ id: 'tiny' })] });
  const folder = mkdtempSync(join(tmpdir(), 'fake-site-'));
  return {
    site,
    imageId: 'tiny',
    folder,
    addImage: async (path: string) => {
      site.controls.addImage(fakeImage({ id: path }));
      return path;
    },
    leftovers: () => [],
    close: async () => rmSync(folder, { recursive: true }),
  };
};

siteContract('in memory', open, { ...ownSite, guests: false });
