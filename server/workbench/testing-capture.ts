import pino from 'pino';
import { openImages, type Images } from '../images/images';
import { openEvents } from '../jobs/events';
import { openRegistry } from '../oci/open-registry';
import { siteRegistry } from '../sites/registry';
import type { Site } from '../sites/site';
import { openCapture, type Capture } from './capture';
import type { TestBench } from './testing';

/**
 * The rooms of images and of capturing, beside a test's workbench.
 *
 * @param dir folder of the images
 * @param site where the workbench has its VMs
 */
export function captureRooms(
  { db, jobs, workbench, audited }: TestBench,
  dir: string,
  site: Site,
): { images: Images; capture: Capture } {
  const images = openImages({
    db,
    dir,
    jobs,
    events: openEvents(),
    log: pino({ level: 'silent' }),
    audit: () => undefined,
    canSee: (actor, projectId) => workbench.canSee(actor, projectId),
    usesOf: (imageId) => workbench.vmsFrom(imageId).map((vm) => ({ kind: 'vm' as const, ...vm })),
    sites: () => siteRegistry([site]),
    openRegistry: (access) => openRegistry(access),
    mayReach: () => Promise.resolve(),
    secrets: { put: () => undefined, read: () => undefined, has: () => false, remove: () => undefined },
    allowPrivateUrls: false,
    bootTestSeconds: 360,
  });
  const capture = openCapture({
    db,
    jobs,
    sites: siteRegistry([site]),
    images,
    audit: ({ actor, action }) => void audited.push(`${actor.name} ${action}`),
    requireVm: (actor, id) => workbench.requireVm(actor, id),
    vmById: (id) => workbench.vmById(id),
    hold: (id, jobId) => workbench.vms.hold(id, jobId),
    release: (id) => workbench.vms.release(id),
    guestAccess: (id) => workbench.guestAccess(id),
  });
  return { images, capture };
}
