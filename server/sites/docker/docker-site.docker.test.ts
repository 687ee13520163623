import pino from 'pino';
import { startDocker } from '../../../e2e/stacks/docker/docker';
import { startRegistry } from '../../../e2e/stacks/registry';
import { pushImage, testImage } from '../../../e2e/stacks/test-image';
import { workloadsContract } from '../workloads-contract';
import { openDockerSite } from './docker-site';
import { dockerLogin } from './login';
import { fingerprintOf } from './ssh-agent';

type Host = Awaited<ReturnType<typeof startDocker>>;

const ways: Record<string, (host: Host) => { login: ReturnType<typeof dockerLogin.parse>; secret: string }> =
  {
    'Docker over its socket': ({ socket, address }) => ({
      login: dockerLogin.parse({ endpoint: `unix://${socket}`, publicHost: address }),
      secret: '',
    }),
    'Docker over TLS': ({ tcp: { host, port, ca, cert, key } }) => ({
      login: dockerLogin.parse({ endpoint: `tcp://${host}:${port}`, ca }),
      secret: `${cert}\n${key}`,
    }),
    'Docker over SSH': ({ ssh: { host, port, username, privateKey, hostKey } }) => ({
      login: dockerLogin.parse({
        endpoint: `ssh://${username}@${host}:${port}`,
        hostKey: fingerprintOf(Buffer.from(hostKey.split(' ')[1] ?? '', 'base64')),
      }),
      secret: privateKey,
    }),
  };

for (const [name, accessOf] of Object.entries(ways)) {
  workloadsContract(name, async () => {
    const host = await startDocker();
    const registry = await startRegistry({ host: '10.89.0.1' });
    const image = testImage({ seed: name });
    await pushImage(image, { url: registry.url, repository: 'contract/web', tag: '1' });
    const log = pino({ level: 'silent' });
    return {
      site: openDockerSite({ id: 'docker', name, access: accessOf(host), log }),
      image: `${registry.address}/contract/web@${image.digest}`,
      missing: `${registry.address}/contract/web@sha256:${'0'.repeat(64)}`,
      pull: { address: registry.address, plainHttp: true },
      close: async () => {
        await registry.stop();
        await host.stop();
      },
    };
  });
}
