import { describe, expect, it } from 'vitest';
import type { GuestImage, SiteOffers } from '@/server/sites/site';
import type { ProjectView } from '@/server/workbench/model';
import { firstChoices } from './create-choices';

const project = { name: 'Camera', vms: [] } as unknown as ProjectView;

const image = (part: Partial<GuestImage>): GuestImage => ({
  id: 'tiny',
  name: 'Tiny',
  os: undefined,
  architecture: 'x86_64',
  format: 'qcow2',
  size: 1,
  virtualSize: 1,
  minMemoryMiB: 256,
  minDiskGiB: 1,
  cloudInit: true,
  login: undefined,
  digest: undefined,
  ours: false,
  ...part,
});

const cloud: SiteOffers = {
  flavors: [
    { id: 'm1', name: 'm1', vcpus: 1, memoryMiB: 128, diskGiB: 1 },
    { id: 'm2', name: 'm2', vcpus: 1, memoryMiB: 512, diskGiB: 4 },
  ],
  customFlavor: undefined,
  images: [image({}), image({ id: 'debian', login: 'debian' })],
  networks: [
    { id: 'none', name: 'none', kind: 'none', forwards: false },
    { id: 'own', name: 'own', kind: 'nat', forwards: false },
    { id: 'flat', name: 'flat', kind: 'provider', forwards: false },
  ],
  capacity: {
    vcpus: { total: 4, used: 0 },
    memoryMiB: { total: 4096, used: 0 },
    diskGiB: { total: -1, used: 0 },
  },
  accelerator: undefined,
  cloud: { zones: ['nova'], securityGroups: [], floatingNetworks: [{ id: 'ext', name: 'ext' }], quota: [] },
};

describe('what the form of a new VM begins with', () => {
  it('takes an image that our key opens, a size it starts in, and a network that is reached', () => {
    expect(firstChoices(project, 'cloud', cloud)).toMatchObject({
      imageId: 'debian',
      flavor: { id: 'm2' },
      network: { id: 'flat' },
      name: 'camera-1',
      cloud: { openPorts: [{ protocol: 'tcp', port: 22 }], moreNetworks: [] },
    });
  });

  it('asks for a floating IP where only a router leads to the guest', () => {
    const networks = cloud.networks.filter(({ id }) => id !== 'flat');
    const choices = firstChoices(project, 'cloud', { ...cloud, networks });
    expect(choices.network.id).toBe('own');
    expect(choices.cloud?.floatingNetworkId).toBe('ext');
    expect(firstChoices(project, 'cloud', cloud).cloud?.floatingNetworkId).toBeUndefined();
  });

  it('takes a network that floating IPs come from only where there is no other', () => {
    const external = { id: 'ext', name: 'ext', kind: 'provider', forwards: false } as const;
    const own = cloud.networks.filter(({ id }) => id !== 'flat');
    expect(firstChoices(project, 'cloud', { ...cloud, networks: [external, ...own] }).network.id).toBe('own');
    const alone = [...own.filter(({ kind }) => kind === 'none'), external];
    expect(firstChoices(project, 'cloud', { ...cloud, networks: alone }).network.id).toBe('ext');
  });

  it('asks a site without such things for none of them', () => {
    const choices = firstChoices(project, 'local', { ...cloud, cloud: undefined });
    expect(choices).not.toHaveProperty('cloud');
    expect(choices.network.id).toBe('own');
  });
});
