import { blobsOf } from './blobs';
import { listsOf } from './lists';
import { type Registry, type RegistryAccess, RegistryError } from './oci';
import { manifestsOf } from './stored-manifests';
import { openWire, type WireOptions } from './wire';

/**
 * A client of one registry; nothing is sent before it is asked something.
 *
 * @param access where it is, what to trust, how to log in
 * @param options time limits in milliseconds, and how often what may pass is tried
 */
export function openRegistry(access: RegistryAccess, options?: WireOptions): Registry {
  const wire = openWire(access, options);
  const { endUploads, ...blobs } = blobsOf(wire);
  return {
    url: access.url,
    ...blobs,
    ...manifestsOf(wire),
    ...listsOf(wire),
    async ping(call) {
      const answer = await wire.askWhole({
        method: 'GET',
        path: '/v2/',
        scopes: [],
        signal: call?.signal,
        ok: [200, 404],
      });
      // Distribution specification, "Determining Support"; a web server that answers everything with 200 is none.
      const known = answer.headers['docker-distribution-api-version']?.startsWith('registry/2') ?? false;
      const json = answer.headers['content-type']?.includes('json') ?? false;
      if (answer.status === 200 && (known || json)) return;
      const words = answer.bytes.subarray(0, 120).toString('utf8');
      throw new RegistryError('notARegistry', `${answer.url}: no registry answers here`, {
        url: answer.url,
        words,
      });
    },
    async close() {
      await endUploads();
      await wire.close();
    },
  };
}
