/** Deployments as they are shown: people put passwords into the values of charts, so not everybody reads those. */
import { parse } from 'yaml';
import { hasRole, type Actor } from '../../access/actor';
import type { DeploymentRow } from './deployment-rows';
import type { Deployment } from './schemas';

/**
 * A row as the reader sees it. Who may not deploy learns that values were given, and how many; neither their text, nor
 * the template they were put into, nor a site's own words, which quote what it refused.
 */
export function toDeployment(row: DeploymentRow, reader: Actor): Deployment {
  const { stackRef: _ref, images: _images, projectId: _project, createdByName, jobId, ...shown } = row;
  const revision = row.revisions.findLast(({ values }) => values === row.values);
  // Only so many revisions are kept, and what runs may come from an earlier one.
  const valuesGiven = revision?.valuesGiven ?? countValues(row.values);
  const whole = { ...shown, valuesGiven, jobId: jobId ?? undefined, createdBy: createdByName };
  return hidesWords(row, reader) ? withoutValues(whole) : whole;
}

/**
 * Whether a site's own words about a deployment are kept from a reader: with values of a chart in it, or in what it was
 * before, they may quote one.
 */
export function hidesWords({ values, revisions }: DeploymentRow, reader: Actor): boolean {
  return !hasRole(reader, 'operator') && [{ values }, ...revisions].some(hasValues);
}

/** Not by their number: a comment is no setting, and may hold a password as well. */
function hasValues({ values }: { values: string | null }): boolean {
  return values !== null && values.trim() !== '';
}

function withoutValues(whole: Deployment): Deployment {
  const revisions = whole.revisions.map((revision) => ({
    ...revision,
    values: hasValues(revision) ? null : revision.values,
    problem: revision.problem && { ...revision.problem, detail: undefined },
  }));
  const parts = whole.parts.map((part) => ({ ...part, detail: undefined }));
  const { values, template } = hasValues(whole) ? { values: null, template: null } : whole;
  return { ...whole, values, template, reason: '', revisions, parts };
}

/**
 * How many settings a text of values makes: the leaves of its YAML.
 *
 * @returns at least 1 for a text that is no YAML
 */
export function countValues(yaml: string): number {
  if (yaml.trim() === '') return 0;
  try {
    return leavesOf(parse(yaml));
  } catch {
    return 1;
  }
}

function leavesOf(value: unknown): number {
  if (value === null || value === undefined) return 0;
  if (typeof value !== 'object') return 1;
  return Object.values(value).reduce<number>((sum, each) => sum + Math.max(1, leavesOf(each)), 0);
}
