import type { VmSpec } from './site';

/** A wish for the smallest guest; each test says what is different. */
export function wish(imageId: string, part: Partial<VmSpec> = {}): VmSpec {
  return {
    vmId: 'vm-a',
    jobId: 'job-a',
    name: 'first',
    flavor: { vcpus: 1, memoryMiB: 256, diskGiB: 1 },
    imageId,
    network: { id: 'isolated', forwards: [] },
    seed: { hostname: 'first', sshKeys: [], userData: undefined },
    ...part,
  };
}
