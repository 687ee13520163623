import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openLog } from '../../log';
import type { Bench } from '../contract';
import type { ImageLibrary } from '../image-library';
import { builtInGuests } from '../qemu/guests/guests';
import type { GuestImage, Site, VmSpec } from '../site';
import { openOpenStackSite } from './openstack-site';
import type { CloudOptions } from './session';
import { openProject, type TestingProject } from './testing-project';

/** A site on a project of its own at the real cloud. */
export interface OpenStackBench extends Bench {
  project: TestingProject;
  wish: Partial<VmSpec>;
  leftovers(): Promise<string[]>;
  /** Another site object on the same project, as the next process makes it. */
  another(cloud?: CloudOptions): Promise<Site>;
}

const gib = 2 ** 30;

/**
 * Opens a site with the tiny guest as an image of ours, on the smallest flavor and a network that we reach.
 *
 * @param roles of the login in its project
 */
export async function openOpenStackBench(roles?: readonly string[]): Promise<OpenStackBench> {
  const project = await openProject(roles);
  const folder = mkdtempSync(join(tmpdir(), 'eo-'));
  const images = new Map<string, { image: GuestImage; path: string }>();
  const library: ImageLibrary = {
    list: async () => [...images.values()].map(({ image }) => image),
    path: async (id) => {
      const found = images.get(id);
      if (!found) throw new Error(`no image ${id}`);
      return { path: found.path, format: 'qcow2' };
    },
  };
  const add = async (id: string, path: string) => {
    images.set(id, { path, image: await tinyImage(id, path) });
    return id;
  };
  const tiny = builtInGuests(guestsDir()).find((guest) => guest.os === 'tiny');
  if (!tiny) throw new Error(`no tiny guest in ${guestsDir()}`);
  await add('tiny', tiny.path);
  const opened: Site[] = [];
  const another = async (cloud: CloudOptions = {}) => {
    const site = openOpenStackSite({
      id: 'cloud',
      name: 'Test cloud',
      access: project.access,
      library,
      log: openLog('fatal'),
      cloud,
    });
    opened.push(site);
    await site.open();
    return site;
  };
  const site = await another();
  const offers = await site.offers({});
  const network = offers.networks.find(({ kind }) => kind === 'provider');
  const [flavor] = offers.flavors;
  if (!network || !flavor) throw new Error('the cloud has no shared network or no flavor');
  return {
    site,
    project,
    folder,
    another,
    imageId: 'tiny',
    addImage: (path) => add(path, path),
    leftovers: () => project.contents(),
    wish: { flavor: { id: flavor.id }, network: { id: network.id, forwards: [] } },
    networkKinds: offers.networks.map(({ kind }) => kind),
    close: async () => {
      for (const each of opened) await each.close();
      await project.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Where the guest images are. */
function guestsDir(): string {
  return resolve(process.env.EDGEYARD_GUESTS ?? '.cache/guests');
}

async function tinyImage(id: string, path: string): Promise<GuestImage> {
  const digest = createHash('sha256').update(await readFile(path));
  return {
    id,
    name: 'Tiny Linux',
    os: 'tiny',
    architecture: 'x86_64',
    format: 'qcow2',
    size: statSync(path).size,
    virtualSize: gib,
    minMemoryMiB: 192,
    minDiskGiB: 1,
    cloudInit: true,
    login: 'root',
    digest: `sha256:${digest.digest('hex')}`,
    ours: true,
  };
}
