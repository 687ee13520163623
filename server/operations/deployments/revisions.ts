/** Revisions of a deployment: what ran under its name, what runs, and what is being brought up. */
import { z } from 'zod';
import type { SecretsPort } from '../../access/ports';
import { Problem, type ProblemReport } from '../../problem';
import type { KubeObject } from '../../sites/workloads';
import type { DeploymentRow } from './deployment-rows';
import { countValues } from './deployment-view';
import type { KeptRevision } from './tables';

/** As many as Helm keeps of a release. */
const keptRevisions = 10;

/** What a revision is made from again. It holds the app's secrets, so it lies sealed. */
export interface RevisionContent {
  /** Values of secret parameters. */
  hidden: Record<string, string>;
  /** Of VMs: the text for the site. */
  template: string;
  /** Of VMs: the edge's own image ids by the package's image names. */
  images: Record<string, string>;
  /** Of containers, with images as the package names them. */
  objects: KubeObject[];
}

const content = z.object({
  hidden: z.record(z.string(), z.string()),
  template: z.string(),
  images: z.record(z.string(), z.string()),
  objects: z.array(z.custom<KubeObject>((value) => typeof value === 'object' && value !== null)),
});

const sealName = (id: string, number: number) => `deployment:${id}:${number}`;

/** Whose pull login it is; each revision has its own, so that the former keeps pulling until it is replaced. */
export const holderOf = (id: string, number: number): string => `deployment:${id}:${number}`;

/** Seals what a revision is made from. */
export function sealContent(secrets: SecretsPort, id: string, number: number, what: RevisionContent): void {
  secrets.put(sealName(id, number), JSON.stringify(what));
}

/** What a revision is made from. @throws Problem `gone` when it is no longer kept */
export function contentOf(secrets: SecretsPort, id: string, number: number): RevisionContent {
  const sealed = secrets.read(sealName(id, number));
  if (sealed === undefined) throw new Problem('gone', 'deployments.errors.noRevision', { revision: number });
  return content.parse(JSON.parse(sealed));
}

/** Forgets what revisions are made from. */
export function unsealContents(secrets: SecretsPort, id: string, revisions: readonly KeptRevision[]): void {
  for (const { number } of revisions) secrets.remove(sealName(id, number));
}

/** The one that runs; undefined when none came up yet, or none is left. */
export function runningOf({ revisions }: Pick<DeploymentRow, 'revisions'>): KeptRevision | undefined {
  return revisions.findLast(({ outcome }) => outcome === 'running');
}

/** The newest, which runs, is being brought up, or failed. */
export function lastOf({ revisions }: Pick<DeploymentRow, 'revisions'>): KeptRevision | undefined {
  return revisions.at(-1);
}

/**
 * The revision to go back to: the one that was asked for, else the last that ran before the present one.
 *
 * @throws Problem `conflict` when there is none, or that one never ran
 */
export function earlierOf(row: Pick<DeploymentRow, 'revisions' | 'name'>, number?: number): KeptRevision {
  const present = runningOf(row)?.number;
  const found = row.revisions.findLast(
    (each) =>
      each.number !== present &&
      (each.outcome === 'replaced' || each.outcome === 'rolledBack') &&
      (number === undefined || each.number === number),
  );
  if (found) return found;
  throw new Problem('conflict', 'deployments.errors.noEarlier', { name: row.name });
}

/** What is said of a revision before it is begun. */
export type NewRevision = Omit<KeptRevision, 'number' | 'valuesGiven' | 'outcome' | 'problem'>;

/** The revisions with a new one at the end, and those that are no longer kept. */
export function withNew(
  row: Pick<DeploymentRow, 'revisions'>,
  next: NewRevision,
): { revisions: KeptRevision[]; revision: KeptRevision; dropped: KeptRevision[] } {
  const number = (lastOf(row)?.number ?? 0) + 1;
  const valuesGiven = countValues(next.values);
  const revision: KeptRevision = { ...next, number, valuesGiven, outcome: 'starting', problem: null };
  const all = [...row.revisions, revision];
  const running = runningOf(row)?.number;
  const dropped = all.slice(0, -keptRevisions).filter((each) => each.number !== running);
  return { revisions: all.filter((each) => !dropped.includes(each)), revision, dropped };
}

/** The revisions once one of them is up; what ran before is replaced, or was left by going back. */
export function switchedTo(
  { revisions }: Pick<DeploymentRow, 'revisions'>,
  number: number,
  way: 'replaced' | 'rolledBack',
): KeptRevision[] {
  return revisions.map((each) => {
    if (each.number === number) return { ...each, outcome: 'running', problem: null };
    return each.outcome === 'running' ? { ...each, outcome: way } : each;
  });
}

/** The revisions once one of them did not come up. */
export function failedAt(
  { revisions }: Pick<DeploymentRow, 'revisions'>,
  number: number,
  problem: ProblemReport,
): KeptRevision[] {
  return revisions.map((each) =>
    each.number === number ? { ...each, outcome: 'failed', problem: each.problem ?? problem } : each,
  );
}
