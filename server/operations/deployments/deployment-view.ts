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
  const valuesGiven = row.revisions.findLast(({ values }) => values === row.values)?.valuesGiven ?? 0;
  const whole = { ...shown, valuesGiven, jobId: jobId ?? undefined, createdBy: createdByName };
  return hasRole(reader, 'operator') ? whole : withoutValues(whole);
}

function withoutValues(whole: Deployment): Deployment {
  const hasAny = whole.revisions.some(({ valuesGiven }) => valuesGiven > 0);
  if (!hasAny) return whole;
  const revisions = whole.revisions.map((revision) => ({
    ...revision,
    values: revision.valuesGiven > 0 ? null : revision.values,
    problem: revision.problem && { ...revision.problem, detail: undefined },
  }));
  const isHidden = whole.valuesGiven > 0;
  const { values, template } = isHidden ? { values: null, template: null } : whole;
  return { ...whole, values, template, reason: '', revisions };
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
