/** Why a server came to nothing: the fault that nova shows for a server in ERROR, read into a reason and a Problem. */
import { Problem, type ProblemParams } from '../../problem';
import type { StopReason } from '../site';
import { quotaFault, type OpenStackKey } from './quota-fault';

/** Nova's `fault` of a server; `details` (a traceback) is there for administrators only. */
export interface NovaFault {
  code?: number | undefined;
  message?: string | undefined;
  details?: string | undefined;
}

interface Cause {
  pattern: RegExp;
  reason: StopReason;
  /** Below `openstack.errors.` */
  key: OpenStackKey;
}

// Nova's words, the particular before the general: "Exceeded maximum number of retries" wraps the last host's own cause.
const causes: readonly Cause[] = [
  {
    pattern:
      /vif(s)? plugging|virtual interface creation failed|Failed to allocate the network|Timed out waiting for .*vif/i,
    reason: 'networkFault',
    key: 'portNotBound',
  },
  {
    pattern: /PortBindingFailed|Binding failed for port|check neutron logs/i,
    reason: 'networkFault',
    key: 'portNotBound',
  },
  {
    pattern:
      /No more IP addresses|IpAddressGenerationFailure|NoMoreFixedIps|No fixed IP addresses available/i,
    reason: 'networkFault',
    key: 'noAddressLeft',
  },
  {
    pattern: /fixed ip|IpAddressAlreadyAllocated|IP address .*(already|in use)|FixedIpAlreadyInUse/i,
    reason: 'networkFault',
    key: 'addressTaken',
  },
  {
    pattern: /\bnetworks?\b.*(not found|could not be found)|\bport\b.*(not found|in use)|NetworkNotFound/i,
    reason: 'networkFault',
    key: 'networkFault',
  },
  {
    pattern:
      /ImageUnacceptable|Image .*unacceptable|Converted to raw|image_meta|backing file|disk format .*not (supported|acceptable)/i,
    reason: 'imageFault',
    key: 'imageUnfit',
  },
  {
    pattern: /FlavorDiskSmallerThan|disk is too small|FlavorMemoryTooSmall|memory is too small/i,
    reason: 'imageFault',
    key: 'flavorTooSmall',
  },
  {
    pattern:
      /\bimages?\b.*(could not be found|not found|not active|is not accessible)|ImageNotFound|Corrupt image|glance|Image .*download/i,
    reason: 'imageFault',
    key: 'imageFault',
  },
  { pattern: /block device|\bvolume\b|cinder/i, reason: 'cloudFault', key: 'volumeFault' },
  {
    pattern: /No valid host|not enough hosts|NoValidHost|Insufficient compute resources|claim .*exceed/i,
    reason: 'noValidHost',
    key: 'noValidHost',
  },
  {
    pattern: /Exceeded maximum number of retries|Exhausted all hosts|MaxRetriesExceeded/i,
    reason: 'noValidHost',
    key: 'hostsExhausted',
  },
  { pattern: /MessagingTimeout|Timed out waiting for a reply/i, reason: 'cloudFault', key: 'cloudBusy' },
  { pattern: /libvirt|qemu|internal error: process exited/i, reason: 'cloudFault', key: 'hypervisorFault' },
];

/** Which of the known causes nova's or neutron's words tell. */
export function causeOf(words: string): { reason: StopReason; key: OpenStackKey } | undefined {
  return causes.find(({ pattern }) => pattern.test(words));
}

const detailLength = 1500;

/**
 * Reads the fault of a server.
 *
 * @param fault as nova shows it; undefined when nova tells none
 * @returns the reason for the VM's state and the Problem for the job, with nova's words as detail
 */
export function serverFault(fault: NovaFault | undefined): { reason: StopReason; problem: Problem } {
  const message = fault?.message?.trim() ?? '';
  const detail = message === '' ? undefined : message.slice(0, detailLength);
  const made = (reason: StopReason, key: OpenStackKey, params: ProblemParams = {}) => ({
    reason,
    problem: new Problem('failed', `openstack.errors.${key}`, params, { detail }),
  });
  const quota = quotaFault(0, message);
  if (quota !== undefined) return made('quotaExceeded', quota.key, quota.params);
  // The traceback names the class of the error where the message is only "Build of instance … aborted".
  const last = (fault?.details ?? '').trim().split('\n').at(-1) ?? '';
  const found = causeOf(message) ?? causeOf(last);
  return found === undefined ? made('cloudFault', 'cloudFault') : made(found.reason, found.key);
}
