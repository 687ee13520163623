import PQueue from 'p-queue';
import { hasRole, type Actor, type UserActor } from '../../access/actor';
import { newId } from '../../db/id';
import type { Job } from '../../jobs/job';
import { asProblem, Problem, problemFrom } from '../../problem';
import type { SyncedRelease } from '../sync/schemas';
import { deploymentRefusal, type DeploymentAction } from './deployment-gates';
import type { DeploymentJobParts } from './deployment-jobs';
import { requireFreeName, type DeploymentRow } from './deployment-rows';
import { toDeployment } from './deployment-view';
import { sortedParameters } from './parameters';
import type { ReleaseDeployments } from './release-deployments';
import { defineReleaseJobs } from './release-jobs';
import { planAt, placementAt, readRelease, siteImagesOf, type ReadRelease } from './release-plans';
import { labelOf } from './release-text';
import {
  contentOf,
  earlierOf,
  lastOf,
  runningOf,
  sealContent,
  unsealContents,
  withNew,
  type NewRevision,
  type RevisionContent,
} from './revisions';
import {
  deployReleaseInput,
  planReleaseInput,
  upgradeInput,
  type Deployment,
  type UpgradeInput,
} from './schemas';

/** Edges that are asked at once. */
const atOnce = 8;

type Started = { deployment: Deployment; job: Job };

/** What `deployRelease` makes at one edge. */
interface Wish {
  edgeId: string;
  name: string;
  values: string;
  parameters: Deployment['parameters'];
  requestKey: string | undefined;
}

/**
 * Opens the deployments of releases.
 *
 * @param find the row, checked against the actor's rights; throws `not_found`
 */
export function openReleaseDeployments(
  parts: DeploymentJobParts,
  find: (actor: Actor, id: string) => DeploymentRow,
): Omit<ReleaseDeployments, 'logs'> {
  const { ports, rows } = parts;
  const { db, secrets } = ports;
  const kinds = defineReleaseJobs(parts);
  const audit = (actor: UserActor, verb: string, row: DeploymentRow, version: string) => {
    const detail = { name: row.name, release: `${row.packageName} ${version}`, site: row.siteName };
    ports.audit({ actor, action: `deployment.${verb}`, subject: { type: 'deployment', id: row.id }, detail });
  };

  const startAt = async (actor: UserActor, read: ReadRelease, wish: Wish): Promise<Started> => {
    const { plan, template, images, objects } = await planAt(ports, read, wish.edgeId, undefined);
    requireNoReason(plan.reasons);
    const { open, hidden } = sortedParameters(plan.parameters, wish.parameters);
    const edge = ports.edges().get(wish.edgeId);
    const id = newId('dep');
    return db.transaction(() => {
      const job = kinds.start.start({
        input: { deploymentId: id, revision: 1 },
        subject: { type: 'deployment', id },
        actorId: actor.userId,
        idempotencyKey: wish.requestKey,
      });
      const before = rows.find(job.subject.id);
      if (before) return { deployment: toDeployment(before, actor), job };
      if (job.subject.id !== id) throw new Problem('gone', 'deployments.errors.noDeployment');
      requireFreeName(rows, edge, wish.name);
      const first = { values: wish.values, parameters: open, ...madeFrom(read, actor) };
      const row: DeploymentRow = {
        id,
        name: wish.name,
        runs: read.runs,
        releaseId: read.release.id,
        revisions: withNew({ revisions: [] }, first).revisions,
        parts: [],
        endpoints: [],
        values: wish.values,
        packageId: '',
        packageName: read.release.name,
        packageVersion: read.release.version,
        projectId: null,
        siteId: edge.id,
        siteName: edge.name,
        stackRef: null,
        state: 'creating',
        reason: '',
        template,
        parameters: open,
        images,
        outputs: [],
        resources: [],
        jobId: job.id,
        createdBy: actor.userId,
        createdByName: actor.name,
        createdAt: Date.now(),
      };
      sealContent(secrets, id, 1, { hidden, template, images, objects });
      rows.insert(row);
      audit(actor, 'create', row, row.packageVersion);
      return { deployment: toDeployment(row, actor), job };
    });
  };

  /** Starts to bring a deployment to a new revision. */
  const change = (
    actor: UserActor,
    id: string,
    kind: 'upgrade' | 'rollBack',
    next: NewRevision,
    content: RevisionContent,
  ): Started =>
    db.transaction(() => {
      const row = find(actor, id);
      requireGate(row, kind);
      const { revisions, revision, dropped } = withNew(row, next);
      const job = kinds[kind].start({
        input: { deploymentId: id, revision: revision.number },
        subject: { type: 'deployment', id },
        actorId: actor.userId,
      });
      sealContent(secrets, id, revision.number, content);
      unsealContents(secrets, id, dropped);
      const state = runningOf(row) ? ('changing' as const) : ('creating' as const);
      const begun = { state, reason: '', revisions, jobId: job.id };
      rows.write(id, begun);
      audit(actor, kind, row, next.version);
      return { deployment: toDeployment({ ...row, ...begun }, actor), job };
    });

  const readUpgrade = async (row: DeploymentRow, input: UpgradeInput, signal?: AbortSignal) => {
    const { releaseId, parameters, values } = upgradeInput.parse(input);
    const present = requireRelease(row);
    const read = await readRelease(ports, releaseId, row.name, values, signal ?? never());
    requireSameApp(ports.sync().release(present), row, read);
    const content = lastContent(ports, row);
    const prepared = await planAt(ports, read, row.siteId, signal, content?.objects);
    return { read, content, parameters, values, prepared };
  };

  return {
    async planRelease(_actor, input, signal) {
      const { releaseId, edgeId, values } = planReleaseInput.parse(input);
      const release = ports.sync().release(releaseId);
      // Said before a package is opened and a chart rendered.
      placementAt(ports, release, edgeId);
      const read = await readRelease(ports, releaseId, labelOf(release.name), values, signal ?? never());
      return (await planAt(ports, read, edgeId, signal)).plan;
    },

    async deployRelease(actor, input, requestKey) {
      const { releaseId, edgeIds, name, parameters, values } = deployReleaseInput.parse(input);
      requireOperator(actor);
      const read = await readRelease(ports, releaseId, name, values, never());
      if (read.runs === 'workload') requireLabel(name);
      const started: Started[] = [];
      const refused: Awaited<ReturnType<ReleaseDeployments['deployRelease']>>['refused'] = [];
      const startOne = async (edgeId: string) => {
        const key = requestKey === undefined ? undefined : `${requestKey}:${edgeId}`;
        try {
          started.push(await startAt(actor, read, { edgeId, name, values, parameters, requestKey: key }));
        } catch (error) {
          const problem = asProblem(error);
          if (problem.code === 'failed')
            ports.log.warn({ err: error, edgeId }, 'a release could not be deployed');
          refused.push({ edgeId, problem: problem.report() });
        }
      };
      const queue = new PQueue({ concurrency: atOnce });
      await queue.addAll([...new Set(edgeIds)].map((edgeId) => () => startOne(edgeId)));
      const [first] = refused;
      if (started.length === 0 && first) throw problemFrom(first.problem);
      return { started, refused };
    },

    async planUpgrade(actor, id, input, signal) {
      // It shows what runs, with the values of today.
      requireOperator(actor);
      const row = find(actor, id);
      const { prepared } = await readUpgrade(row, input, signal);
      return { ...prepared.plan, before: row.template };
    },

    async upgrade(actor, id, input) {
      requireOperator(actor);
      const row = find(actor, id);
      requireGate(row, 'upgrade');
      const { read, content, parameters, values, prepared } = await readUpgrade(row, input);
      requireNoReason(prepared.plan.reasons);
      const { open, hidden } = sortedParameters(prepared.plan.parameters, parameters, content?.hidden);
      const next = { values, parameters: open, ...madeFrom(read, actor) };
      const { template, images, objects } = prepared;
      return change(actor, id, 'upgrade', next, { hidden, template, images, objects });
    },

    async rollBack(actor, id, number) {
      requireOperator(actor);
      const row = find(actor, id);
      requireGate(row, 'rollBack');
      const { releaseId, version, values, parameters, number: from } = earlierOf(row, number);
      const placement = placementAt(ports, { id: releaseId, name: row.packageName, version }, row.siteId);
      const content = contentOf(secrets, id, from);
      const images = row.runs === 'stack' ? siteImagesOf(placement) : content.images;
      const next = { releaseId, version, values, parameters, at: Date.now(), by: actor.name };
      return change(actor, id, 'rollBack', next, { ...content, images });
    },
  };
}

const never = () => new AbortController().signal;

function madeFrom({ release }: ReadRelease, actor: UserActor) {
  return { releaseId: release.id, version: release.version, at: Date.now(), by: actor.name };
}

/** What the newest revision that is kept is made from. */
function lastContent(
  { secrets }: DeploymentJobParts['ports'],
  row: DeploymentRow,
): RevisionContent | undefined {
  const last = runningOf(row) ?? lastOf(row);
  return last && contentOf(secrets, row.id, last.number);
}

/** @throws Problem `conflict` when something stands in the way: the first of it */
function requireNoReason([against]: { key: string; params: Record<string, string | number> }[]): void {
  if (against) throw problemFrom({ code: 'conflict', ...against });
}

/** @throws Problem `conflict` while its state does not allow it, and for a package of the workbench */
function requireGate(row: DeploymentRow, action: DeploymentAction): void {
  requireRelease(row);
  const refusal = deploymentRefusal(action, row.state);
  if (refusal !== null) throw new Problem('conflict', refusal, { name: row.name });
}

function requireRelease({ releaseId, name }: DeploymentRow): string {
  if (releaseId === null) throw new Problem('conflict', 'deployments.errors.noRelease', { name });
  return releaseId;
}

/** Developers may look at what runs at edges; operators change it. @throws Problem `forbidden` */
export function requireOperator(actor: Actor): void {
  if (!hasRole(actor, 'operator')) {
    throw new Problem('forbidden', 'access.errors.needsRole', { role: 'operator' });
  }
}

/** Containers get a namespace, or names, of the deployment's name: RFC 1123. @throws Problem `invalid` */
function requireLabel(name: string): void {
  if (!/^[a-z]([a-z0-9-]{0,58}[a-z0-9])?$/.test(name)) {
    throw new Problem('invalid', 'deployments.errors.notALabel', { name });
  }
}

/** @throws Problem `conflict` for a release of another app */
function requireSameApp(
  present: Pick<SyncedRelease, 'name' | 'provider'>,
  row: DeploymentRow,
  { release, runs }: ReadRelease,
): void {
  if (runs === row.runs && release.name === present.name && release.provider === present.provider) return;
  throw new Problem('conflict', 'deployments.errors.otherApp', { release: release.name, app: present.name });
}
