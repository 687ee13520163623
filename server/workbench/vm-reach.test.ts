import { expect, it } from 'vitest';
import { fakeImage, openFakeSite, type FakeSite } from '../sites/fake/fake-site';
import type { ReachFix } from '../sites/reaching';
import { ada, openBench, withVm } from './testing';

/** A site whose VMs let nobody in at the SSH port until the one fix it offers is applied. */
function closedSite(fix: ReachFix = { kind: 'openPort', port: 22 }): { site: FakeSite; mended: ReachFix[] } {
  const mended: ReachFix[] = [];
  const configDrive: ReachFix = { kind: 'configDrive', kib: 32 };
  const site = openFakeSite({ id: 'local', images: [fakeImage({ id: 'tiny' })] });
  const reach: FakeSite['reach'] = {
    examine: async () => ({ hops: [], fixes: mended.length === 0 ? [fix, configDrive] : [] }),
    mend: async (_ref, each) => void mended.push(each),
  };
  return { site: Object.assign(site, { reach }), mended };
}

it('a port that was opened afterwards is remembered with those of the creation, once', async () => {
  const { site, mended } = closedSite();
  const bench = await openBench({ site });
  const { vmId } = await withVm(bench);
  expect(bench.workbench.vms.get(ada, vmId).cloud).toBeUndefined();

  await expect(bench.workbench.vms.mend(ada, vmId, 'openPort')).resolves.toEqual({ hops: [], fixes: [] });
  expect(bench.workbench.vms.get(ada, vmId).cloud?.openPorts).toEqual([{ protocol: 'tcp', port: 22 }]);

  // Somebody closed it at the cloud itself.
  mended.length = 0;
  await bench.workbench.vms.mend(ada, vmId, 'openPort');
  expect(bench.workbench.vms.get(ada, vmId).cloud?.openPorts).toHaveLength(1);
  expect(bench.audited.filter((each) => each === 'ada vm.mendReach')).toHaveLength(2);
});

it('a floating IP that was given afterwards is remembered too', async () => {
  const { site, mended } = closedSite({ kind: 'floatingIp', networkId: 'outside', name: 'Outside' });
  const bench = await openBench({ site });
  const { vmId } = await withVm(bench);
  await bench.workbench.vms.mend(ada, vmId, 'floatingIp');
  expect(mended).toHaveLength(1);
  expect(bench.workbench.vms.get(ada, vmId).cloud).toMatchObject({ floatingNetworkId: 'outside' });
});

it('a fix that is not offered is refused, and changes nothing', async () => {
  const { site, mended } = closedSite();
  const bench = await openBench({ site });
  const { vmId } = await withVm(bench);
  await expect(bench.workbench.vms.mend(ada, vmId, 'floatingIp')).rejects.toMatchObject({
    code: 'conflict',
    key: 'workbench.errors.noSuchFix',
  });
  expect(mended).toEqual([]);
  expect(bench.workbench.vms.get(ada, vmId).cloud).toBeUndefined();
});
