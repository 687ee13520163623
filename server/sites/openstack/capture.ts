/** Makes a disk image of ours out of a server: snapshot, stream, proof, and the snapshot goes again. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { isProblem, Problem } from '../../problem';
import { runQemuImg } from '../qemu/qemu-img';
import type { Call, SiteEvent } from '../site';
import type { Cloud } from './cloud';
import { downloadImage, type Downloaded } from './download-image';
import { deleteImage, listImages, setImageProperties, type GlanceImage } from './glance';
import {
  removeLeftSnapshots,
  removeSnapshot,
  requireCapturable,
  snapshotReady,
  startSnapshot,
} from './snapshot';

type CaptureCall = Call & {
  /** Bytes received and in all; nothing while nova makes the snapshot. */
  progress?: (done: number, total: number) => void;
  report?: (event: SiteEvent) => void;
  /** The snapshot stays in the cloud under this name, as the copy of our image with this id; removed when absent. */
  keep?: { imageId: string; name: string } | undefined;
};

/** A captured disk: the file's size and hex digests, and glance's id of the snapshot when it was kept. */
export interface CapturedServer {
  glanceId: string | undefined;
  size: number;
  md5: string;
  sha256: string;
}

/**
 * Captures the root disk of a server into a qcow2 file. The snapshot is removed afterwards unless it is to be kept, and
 * always on failure and abort.
 *
 * @param vmId the VM on our side: what an interrupted capture of it left is removed first
 * @param target file to make; removed on failure and abort
 * @param mode `stopped` asks that the server is off, `freeze` takes a moment of the running one
 * @throws Problem `conflict` (wrong state, busy, disk is a volume), `no_space`, `failed`, `openstack.errors.*`
 */
export async function captureServer(
  cloud: Cloud,
  serverId: string,
  vmId: string,
  target: string,
  mode: 'stopped' | 'freeze',
  call: CaptureCall,
): Promise<CapturedServer> {
  const { signal } = call;
  const report = (event: SiteEvent) => call.report?.(event);
  await removeLeftSnapshots(cloud, vmId, signal);
  const { volumes } = await requireCapturable(cloud, serverId, mode, signal);
  if (volumes > 0) report({ event: 'volumesLeftOut', params: { count: volumes } });
  const name = `edgeyard-${vmId}-${new Date().toISOString().replaceAll(/[-:]/g, '')}`;
  report({ event: 'snapshotAsked' });
  const imageId = await startSnapshot(cloud, { id: serverId, vmId }, name, signal);
  try {
    const onState = (status: string) => {
      report({ event: status === 'saving' ? 'snapshotSaving' : 'snapshotQueued' });
    };
    const image = await snapshotReady(cloud, serverId, imageId, { signal, onState });
    if (mode === 'freeze') report({ event: wasQuiesced(image) ? 'quiesced' : 'notQuiesced' });
    const { inCloud, file } = await receive(cloud, image, target, call);
    if (call.keep === undefined) {
      const gone = await removeSnapshot(cloud, serverId, imageId);
      report({ event: gone ? 'snapshotRemoved' : 'snapshotLeft', params: { name } });
      return { glanceId: undefined, ...file };
    }
    await keep(cloud, imageId, call.keep, inCloud, signal);
    report({ event: 'snapshotKept', params: { name: call.keep.name } });
    return { glanceId: imageId, ...file };
  } catch (error) {
    await rm(target, { force: true });
    if (!(await removeSnapshot(cloud, serverId, imageId)))
      report({ event: 'snapshotLeft', params: { name } });
    throw error;
  }
}

/**
 * Whether nova had the guest's agent keep the file systems still: it does so for images that say they have one, and the
 * snapshot has the properties of the server's image.
 */
function wasQuiesced(image: GlanceImage): boolean {
  return ['yes', 'true', '1', 'on'].includes(image.hw_qemu_guest_agent?.toLowerCase() ?? '');
}

/** @returns what came from the cloud, and the file that was made of it: the same unless it had to be converted */
async function receive(
  cloud: Cloud,
  image: GlanceImage,
  target: string,
  call: CaptureCall,
): Promise<{ inCloud: Downloaded; file: Downloaded }> {
  const format = image.disk_format ?? 'unknown';
  if (format !== 'qcow2' && format !== 'raw') {
    throw new Problem('conflict', 'openstack.errors.snapshotFormat', { format });
  }
  const size = image.size ?? 0;
  call.report?.({ event: 'downloading', params: { bytes: size } });
  const download = {
    signal: call.signal,
    progress: call.progress,
    onResume: (from: number, cause: unknown) => {
      const percent = size === 0 ? 0 : Math.floor((100 * from) / size);
      call.report?.({ event: 'downloadingAgain', params: { percent }, detail: wordsOf(cause) });
    },
  };
  if (format === 'qcow2') {
    const inCloud = await downloadImage(cloud, image, target, download);
    return { inCloud, file: inCloud };
  }
  // Clouds that keep disks on Ceph make raw snapshots.
  const raw = `${target}.raw`;
  try {
    const inCloud = await downloadImage(cloud, image, raw, download);
    call.report?.({ event: 'converting' });
    await convertRaw(raw, target, call.signal);
    return { inCloud, file: await digestsOf(target, call.signal) };
  } finally {
    await rm(raw, { force: true });
  }
}

function wordsOf(error: unknown): string | undefined {
  if (isProblem(error)) return error.detail;
  return error instanceof Error ? error.message : undefined;
}

function convertRaw(from: string, to: string, signal: AbortSignal | undefined): Promise<void> {
  // As on the QEMU site: eight compressors at once, written as they finish.
  const how = '-f raw -O qcow2 -c -o compression_type=zstd -m 8 -W'.split(' ');
  return runQemuImg(['convert', ...how, from, to], { failure: 'sites.errors.captureFailed', signal });
}

async function digestsOf(file: string, signal: AbortSignal | undefined): Promise<Downloaded> {
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  let size = 0;
  const blocks = createReadStream(file, { highWaterMark: 1 << 20, ...(signal ? { signal } : {}) });
  for await (const block of blocks as AsyncIterable<Buffer>) {
    md5.update(block);
    sha256.update(block);
    size += block.length;
  }
  return { size, md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}

/** With its digest it is a copy of the image we make of it: a next VM from that image uploads nothing. */
function keep(
  cloud: Cloud,
  snapshotId: string,
  { imageId, name }: { imageId: string; name: string },
  content: Downloaded,
  signal: AbortSignal | undefined,
): Promise<void> {
  const properties = { name, edgeyard_digest: `sha256:${content.sha256}`, edgeyard_image: imageId };
  return setImageProperties(cloud, snapshotId, properties, signal);
}

/**
 * Removes the snapshot that was kept for an image of ours; none there is fine. Copies that were uploaded stay.
 *
 * @throws Problem `openstack.errors.*`
 */
export async function forgetKept(
  cloud: Cloud,
  imageId: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { projectId } = await cloud.who(signal);
  const kept = await listImages(cloud, { edgeyard_image: imageId, owner: projectId }, signal);
  for (const image of kept) {
    if (image.owner === projectId && image.edgeyard_vm && image.image_type === 'snapshot') {
      await deleteImage(cloud, image.id, signal);
    }
  }
}
