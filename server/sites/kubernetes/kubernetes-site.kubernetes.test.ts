import pino from 'pino';
import { kubeconfigOf, letNodesPull } from '../../../e2e/stacks/kubernetes/clusters';
import { startRegistry } from '../../../e2e/stacks/registry';
import { pushImage, testImage } from '../../../e2e/stacks/test-image';
import { workloadsContract } from '../workloads-contract';
import { readKubeconfig } from './import-login';
import { openKubernetesSite } from './kubernetes-site';

workloadsContract('Kubernetes', async () => {
  const [context] = readKubeconfig(kubeconfigOf('edge1'));
  if (context?.secret === undefined) throw new Error('the kubeconfig of edge1 has no certificate');
  const login = { user: 'puller', password: 'pull' };
  const registry = await startRegistry({ host: '10.89.0.1', htpasswd: { [login.user]: login.password } });
  await letNodesPull(registry.address);
  const image = testImage({ seed: String(Date.now()) });
  const authorization = `Basic ${Buffer.from('puller:pull').toString('base64')}`;
  await pushImage(image, { url: registry.url, repository: 'contract/web', tag: '1', authorization });
  const access = { login: context.login, secret: context.secret };
  return {
    site: openKubernetesSite({ id: 'edge1', name: 'edge1', access, log: pino({ level: 'silent' }) }),
    image: `${registry.address}/contract/web@${image.digest}`,
    missing: `${registry.address}/contract/web@sha256:${'0'.repeat(64)}`,
    pull: { address: registry.address, plainHttp: true, login },
    close: () => registry.stop(),
  };
});
