import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { UserActor } from '../access/actor';
import { testDatabase } from '../db/testing';
import { openEvents } from '../jobs/events';
import type { Job } from '../jobs/job';
import { openJobs } from '../jobs/jobs';
import { Problem } from '../problem';
import { testContainers, testImage, testProject } from './csar/order-fixture';
import type { ProjectFacts } from './order';
import { openPackages, type PackagePorts } from './packages';

/** A signed-in developer. */
export function developer(userId: string): UserActor {
  return { userId, name: userId, role: 'developer', scopes: ['read', 'write', 'admin'], via: 'session' };
}

/** The packages room on a real job engine, an in-memory database and a temporary folder; one project of `owner`. */
export function testPackages(db = testDatabase(), dir = mkdtempSync(join(tmpdir(), 'packages-'))) {
  const events = openEvents();
  const log = pino({ level: 'silent' });
  const jobs = openJobs({ db, events, log });
  const image = testImage(dir);
  const project: ProjectFacts = testProject(image.id);
  const audit: { action: string; subject: { id: string } }[] = [];
  const ports: PackagePorts = {
    db,
    dir: join(dir, 'packages'),
    jobs,
    events,
    log,
    images: {
      facts: (_actor, id) => {
        if (id !== image.id) throw new Problem('not_found', 'images.errors.noImage');
        return image;
      },
      path: () => image.path,
      proofs: () => [],
      screenshot: () => undefined,
    },
    containers: { facts: () => testContainers() },
    projects: {
      facts: (actor, id) => {
        if (actor.userId !== 'owner' || id !== project.id) {
          throw new Problem('not_found', 'workbench.errors.noProject');
        }
        return project;
      },
      canSee: (actor, id) => actor.userId === 'owner' && id === project.id,
      idsOf: (actor) => (actor.userId === 'owner' ? [project.id] : []),
    },
    audit: {
      record: (entry) => {
        audit.push(entry);
      },
    },
  };
  const packages = openPackages(ports);
  return {
    ports,
    packages,
    jobs,
    image,
    project,
    audit,
    dir,
    /** Starts the engine when it is not running yet, and waits for a job. */
    done: async (job: Job) => {
      jobs.run();
      return await jobs.settled(job.id);
    },
    close: async () => {
      await jobs.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
