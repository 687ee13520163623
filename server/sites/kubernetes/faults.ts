/** What a cluster's API or the way to it said, as Problems. */
import type { KeyBelow } from '@/messages/messages';
import { z } from 'zod';
import { Problem, type ProblemCode } from '../../problem';
import { wireProblem } from '../wire-faults';

/** An error of the wire, or an answer that refuses. */
export type KubeFault = { error: unknown } | { status: number; text: string };

/** Kubernetes' `Status` object: kubernetes.io/docs/reference/kubernetes-api/common-definitions/status. */
const status = z.object({
  kind: z.literal('Status'),
  message: z.string().optional(),
  reason: z.string().optional(),
});

/**
 * @param at the API server's address, for messages
 * @returns a Problem; what is no fault of a cluster's stays what it is
 */
export function kubeProblem(fault: KubeFault, at: string): unknown {
  if ('error' in fault) return wireProblem(fault.error, at) ?? fault.error;
  const { message, reason = '' } = read(fault.text);
  const [code, key] = ruleFor(fault.status, reason);
  return new Problem(code, `workloads.errors.${key}`, { at, status: fault.status }, { detail: message });
}

function read(text: string): { message: string; reason?: string | undefined } {
  try {
    const said = status.safeParse(JSON.parse(text));
    if (said.success) return { message: said.data.message ?? '', reason: said.data.reason };
  } catch {
    // Something between us and the cluster answers in its own words.
  }
  return { message: text.slice(0, 500).trim() };
}

function ruleFor(answer: number, reason: string): [ProblemCode, KeyBelow<'workloads.errors'>] {
  if (answer === 401) return ['forbidden', 'clusterLogin'];
  if (answer === 403) return ['forbidden', 'clusterForbids'];
  if (answer === 409) return ['conflict', 'clusterConflict'];
  if (answer === 404 || answer === 410) return ['not_found', 'clusterLacks'];
  if (answer === 400 || answer === 422 || reason === 'Invalid') return ['invalid', 'clusterRefuses'];
  if (answer === 429 || answer === 503) return ['unavailable', 'clusterBusy'];
  return ['failed', 'clusterFailed'];
}
