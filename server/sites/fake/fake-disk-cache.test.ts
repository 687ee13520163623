import { breakingOff, testDisk } from '../../images/taken/testing-disks';
import { diskCacheContract } from '../disk-cache-contract';
import { wish } from '../wish';
import { openFakeSite } from './fake-site';

diskCacheContract('in memory', () => {
  const site = openFakeSite({ id: 'fake' });
  return Promise.resolve({
    cache: site.diskCache,
    disk: () => testDisk(),
    breakingOff,
    images: async () => (await site.offers({})).images,
    use: async (imageId) => {
      const vm = await site.vms.create(wish(imageId), {});
      return () => site.vms.delete(vm.ref, {});
    },
    leftovers: async ({ digest }) => {
      const held = await site.diskCache.held([digest], {});
      return [...held.values()];
    },
    close: () => site.close(),
  });
});
