import { workloadsContract } from '../workloads-contract';
import { openFakeWorkloadSite } from './fake-workloads';

const digest = `sha256:${'a'.repeat(64)}`;

workloadsContract('in memory', async () => ({
  site: openFakeWorkloadSite({ id: 'fake', name: 'In memory' }),
  image: `registry.test/web@${digest}`,
  missing: `registry.test/missing@${digest}`,
  pull: undefined,
  close: () => Promise.resolve(),
}));
