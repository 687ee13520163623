/** How what we make in a cluster is found again. */
export const labels = {
  workload: 'edgeyard.io/workload',
  /** The job that wrote an object last: what an earlier one wrote and this one did not goes. */
  job: 'edgeyard.io/job',
  managedBy: 'app.kubernetes.io/managed-by',
} as const;

/** On a workload's namespace: which kinds were written, as JSON, so that what is left of them can be found. */
export const kindsAnnotation = 'edgeyard.io/kinds';

/** A label selector. */
export function ofWorkload(workloadId: string): string {
  return `${labels.workload}=${workloadId}`;
}
