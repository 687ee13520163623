/** Deployments in two strokes, as EdgeGallery's MECM makes them: an instance is created, and instantiated later. */
import { randomUUID } from 'node:crypto';
import { desc, eq } from 'drizzle-orm';
import type { Actor, UserActor } from '../../access/actor';
import { asProblem, Problem, type ProblemReport } from '../../problem';
import { requireOperator } from './deploy-releases';
import type { DeploymentRow, DeploymentRows } from './deployment-rows';
import { toDeployment } from './deployment-view';
import type { Parameters } from './parameters';
import type { DeploymentPorts } from './ports';
import type { ReleaseDeployments } from './release-deployments';
import { placementAt } from './release-plans';
import { labelOf } from './release-text';
import type { Deployment } from './schemas';
import { appInstances } from './tables';

type InstanceRow = typeof appInstances.$inferSelect;

/** An instance as it stands. */
export interface AppInstance extends Omit<InstanceRow, 'deploymentId'> {
  /** What became of it; undefined before it was instantiated. */
  deployment: Pick<Deployment, 'id' | 'state' | 'reason'> | undefined;
  problem: ProblemReport | null;
}

export interface AppInstances {
  /** Newest first. One whose deployment was removed is gone with it. */
  list(reader: Actor): AppInstance[];
  /** @throws Problem `not_found` */
  get(reader: Actor, id: string): AppInstance;
  /** Notes what is to be deployed, and where. @throws Problem `not_found`; `conflict` for a release that is not there */
  create(
    actor: UserActor,
    wish: { releaseId: string; siteId: string; name: string; description: string },
  ): AppInstance;
  /**
   * Deploys it. Parameters the package does not ask for are left out: EdgeGallery's clients send some of their own.
   *
   * @throws Problem as `ReleaseDeployments.deployRelease`; `conflict` when it is instantiated already
   */
  instantiate(
    actor: UserActor,
    id: string,
    parameters: Readonly<Record<string, string>>,
  ): Promise<AppInstance>;
  /** Removes it, with what was deployed. @throws Problem `not_found`; `conflict` while a job works on it */
  terminate(actor: UserActor, id: string): void;
}

/** Opens the instances. */
export function openAppInstances(
  ports: DeploymentPorts,
  rows: DeploymentRows,
  room: Pick<ReleaseDeployments, 'planRelease' | 'deployRelease'> & {
    remove: (actor: UserActor, id: string) => unknown;
  },
): AppInstances {
  const { db } = ports;
  const write = (id: string, change: Partial<InstanceRow>) => {
    db.update(appInstances).set(change).where(eq(appInstances.id, id)).run();
  };
  const forget = (id: string) => {
    db.delete(appInstances).where(eq(appInstances.id, id)).run();
  };
  /** Undefined for one whose deployment is gone, which is forgotten. */
  const standing = (row: InstanceRow, reader: Actor): AppInstance | undefined => {
    const { deploymentId, ...shown } = row;
    if (deploymentId === null) return { ...shown, deployment: undefined };
    const deployment = rows.find(deploymentId);
    if (deployment) return { ...shown, deployment: toDeployment(deployment, reader) };
    forget(row.id);
    return undefined;
  };
  const get = (reader: Actor, id: string): AppInstance => {
    const row = db.select().from(appInstances).where(eq(appInstances.id, id)).get();
    const found = row && standing(row, reader);
    if (!found) throw new Problem('not_found', 'deployments.errors.noInstance');
    return found;
  };

  return {
    list: (reader) =>
      db
        .select()
        .from(appInstances)
        .orderBy(desc(appInstances.createdAt))
        .all()
        .map((row) => standing(row, reader))
        .filter((each) => each !== undefined),
    get,

    create(actor, { releaseId, siteId, name, description }) {
      requireOperator(actor);
      placementAt(ports, ports.sync().release(releaseId), siteId);
      const row: InstanceRow = {
        id: randomUUID(),
        releaseId,
        siteId,
        name,
        description,
        deploymentId: null,
        problem: null,
        createdAt: Date.now(),
      };
      db.insert(appInstances).values(row).run();
      return get(actor, row.id);
    },

    async instantiate(actor, id, parameters) {
      requireOperator(actor);
      const { deployment, releaseId, siteId, name } = get(actor, id);
      if (deployment) throw new Problem('conflict', 'deployments.errors.instantiated', { name });
      try {
        const plan = await room.planRelease(actor, { releaseId, edgeId: siteId });
        const wish = {
          releaseId,
          edgeIds: [siteId],
          name: freeName(rows, siteId, name, id),
          parameters: asked(parameters, plan.parameters),
        };
        // The instance's own key: asked twice at once, both get one deployment.
        const { started } = await room.deployRelease(actor, wish, `instance:${id}`);
        write(id, { deploymentId: started[0]?.deployment.id ?? null, problem: null });
      } catch (error) {
        write(id, { problem: asProblem(error).report() });
        throw error;
      }
      return get(actor, id);
    },

    terminate(actor, id) {
      requireOperator(actor);
      const { deployment } = get(actor, id);
      if (deployment) room.remove(actor, deployment.id);
      else forget(id);
    },
  };
}

/** EdgeGallery lets several instances have one name; ours are told apart by the instance's own. */
function freeName(rows: DeploymentRows, siteId: string, name: string, id: string): string {
  const label = labelOf(name);
  const taken: DeploymentRow | undefined = rows.named(siteId, label);
  return taken ? `${label}-${id.slice(0, 8)}` : label;
}

/** What the package asks for, of the type it asks for: EdgeGallery's parameters are all strings. */
function asked(
  given: Readonly<Record<string, string>>,
  inputs: readonly { name: string; type: 'string' | 'number' | 'boolean' }[],
): Parameters {
  return Object.fromEntries(
    inputs.flatMap(({ name, type }): [string, string | number | boolean][] => {
      const value = Object.hasOwn(given, name) ? given[name] : undefined;
      if (value === undefined || value === '') return [];
      if (type === 'number' && Number.isFinite(Number(value))) return [[name, Number(value)]];
      if (type === 'boolean' && (value === 'true' || value === 'false')) return [[name, value === 'true']];
      return [[name, value]];
    }),
  );
}
