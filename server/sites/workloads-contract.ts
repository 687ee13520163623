import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { WorkloadSite } from './site';
import type { KubeObject, PullAccess, WorkloadSpec } from './workloads';

/** A site made ready for its suite. */
export interface WorkloadBench {
  site: WorkloadSite;
  /** `repository@sha256:…` of an image that runs a web server on 8080, and of one that is nowhere. */
  image: string;
  missing: string;
  pull: PullAccess | undefined;
  close(): Promise<void>;
}

/** What every site that runs containers does; run on the fake, on Docker hosts and on clusters. */
export function workloadsContract(name: string, ready: () => Promise<WorkloadBench>): void {
  describe(`workloads: ${name}`, () => {
    let bench: WorkloadBench;
    const workloadId = `contract-${process.pid}`;
    const spec = (objects: KubeObject[], jobId = 'job-1'): WorkloadSpec => ({
      workloadId,
      jobId,
      name: workloadId,
      objects,
      pull: bench.pull,
    });
    beforeAll(async () => {
      bench = await ready();
      await bench.site.open();
    });
    afterAll(async () => {
      await bench.site.workloads.remove(workloadId, {});
      await bench.site.close();
      await bench.close();
    });

    it('knows nothing of a workload that was never deployed', async () => {
      expect(await bench.site.workloads.status('nobody', {})).toBeUndefined();
      expect(await bench.site.workloads.events('nobody', {})).toEqual([]);
      await bench.site.workloads.remove('nobody', {});
    });

    it('tells what its machines have', async () => {
      const { nodes } = await bench.site.capacity({});
      expect(nodes.length).toBeGreaterThan(0);
      for (const node of nodes) {
        expect(node).toMatchObject({ ready: true, reason: '' });
        expect(node.cpus).toBeGreaterThan(0);
        expect(node.memoryMiB).toBeGreaterThan(0);
        expect(node.usedCpus ?? 0).toBeLessThanOrEqual(node.cpus);
        expect(node.usedMemoryMiB ?? 0).toBeLessThanOrEqual(node.memoryMiB);
        expect(node.freeDiskGiB ?? 0).toBeLessThanOrEqual(node.diskGiB ?? Number.POSITIVE_INFINITY);
      }
      await expect(bench.site.capacity({ signal: AbortSignal.abort() })).rejects.toThrow();
    });

    it('runs a web server, tells of it, and gives its log', async () => {
      const { workloads, onWorkloadChange } = bench.site;
      const changed: string[] = [];
      const stop = onWorkloadChange((id) => void changed.push(id));
      const status = await workloads.deploy(spec(webServer(bench.image)), {});
      expect(status).toMatchObject({ ready: true, parts: [{ owner: 'Deployment/web', state: 'ready' }] });
      const [part] = status.parts;
      expect(part?.containers).toEqual([
        { name: 'web', image: bench.image, digest: bench.image.split('@')[1], ready: true, restarts: 0 },
      ]);
      expect(status.endpoints).toHaveLength(1);
      expect(await workloads.status(workloadId, {})).toMatchObject({ ready: true });
      expect((await workloads.events(workloadId, {})).length).toBeGreaterThan(0);
      await vi.waitFor(() => expect(changed).toContain(workloadId), { timeout: 20_000 });
      stop();
      const ending = new AbortController();
      const lines = workloads.logs(workloadId, part?.name ?? '', 'web', {
        tailLines: 10,
        follow: true,
        signal: ending.signal,
      });
      const seen: string[] = [];
      for await (const line of lines) {
        seen.push(line);
        ending.abort();
      }
      expect(seen[0]).toContain('listening');
    });

    it('changes nothing when the same is deployed again', async () => {
      const before = await bench.site.workloads.status(workloadId, {});
      const after = await bench.site.workloads.deploy(spec(webServer(bench.image), 'job-2'), {});
      expect(after.parts.map((each) => each.name)).toEqual(before?.parts.map((each) => each.name));
    });

    it('holds the image by its digest once it was fetched', async () => {
      const { imageCache } = bench.site;
      const steps: number[][] = [];
      await imageCache.pull([bench.image], bench.pull, { progress: (...step) => void steps.push(step) });
      expect(steps.at(-1)?.[0]).toBe(steps.at(-1)?.[1]);
      const digest = bench.image.split('@')[1];
      // A kubelet tells of its images every half minute.
      await vi.waitFor(
        async () => {
          const { digests } = await imageCache.held({});
          expect(digests.map((each) => each.digest)).toContain(digest);
        },
        { timeout: 60_000, interval: 1_000 },
      );
    });

    it('says that an image is missing', async () => {
      const failing = bench.site.workloads.deploy(spec(webServer(bench.missing), 'job-3'), {});
      await expect(failing).rejects.toMatchObject({ code: 'failed', params: { image: bench.missing } });
      const pulling = bench.site.imageCache.pull([bench.missing], bench.pull, {});
      await expect(pulling).rejects.toMatchObject({ code: 'failed', params: { image: bench.missing } });
    });

    it('refuses what runs nothing', async () => {
      const [, service] = webServer(bench.image);
      const failing = bench.site.workloads.deploy(spec(service ? [service] : []), {});
      await expect(failing).rejects.toMatchObject({ key: 'workloads.errors.nothingRuns' });
    });

    it('ends with its signal', async () => {
      const signal = AbortSignal.abort();
      await expect(bench.site.workloads.deploy(spec(webServer(bench.image)), { signal })).rejects.toThrow();
    });

    it('removes everything of a workload, and once more', async () => {
      await bench.site.workloads.remove(workloadId, {});
      expect(await bench.site.workloads.status(workloadId, {})).toBeUndefined();
      await bench.site.workloads.remove(workloadId, {});
    });
  });
}

/** A deployment and its service, as a developer writes them. */
export function webServer(image: string): KubeObject[] {
  const labels = { app: 'web' };
  const containers = [{ name: 'web', image, ports: [{ containerPort: 8080 }] }];
  const pod = { terminationGracePeriodSeconds: 0, containers };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { type: 'NodePort', selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    },
  ];
}
