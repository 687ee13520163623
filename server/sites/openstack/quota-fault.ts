/** Which quota a cloud says is used up, read from its words: nova, neutron, glance and heat each say it their way. */
import type { KeyBelow } from '@/messages/messages';
import type { ProblemParams } from '../../problem';

/** What is said of a cloud: keys below `openstack.errors`. */
export type OpenStackKey = KeyBelow<'openstack.errors'>;

const phrases: readonly RegExp[] = [
  /quota exceeded/i,
  /over\s?quota/i,
  /exceeds? (the |allowed )?quota/i,
  /maximum number of [\w ]+ exceed(s|ed)/i,
  /reached the maximum stacks per/i,
  /too many (key pairs|server groups)/i,
];

/**
 * Tells whether a refusal speaks of a quota, and of which one.
 *
 * @param status HTTP status, or 0 for the fault of a server that came to nothing
 * @param words the cloud's own
 * @returns key below `openstack.errors.` with its values; undefined when it is something else
 */
export function quotaFault(
  status: number,
  words: string,
): { key: OpenStackKey; params: ProblemParams } | undefined {
  if (![0, 400, 403, 409, 413, 500].includes(status)) return undefined;
  if (!phrases.some((phrase) => phrase.test(words))) return undefined;
  const resource = resourceOf(words);
  // Nova's "Quota exceeded for cores, ram: Requested 1, 512, but already used 10, 2048 of 10, 51200 cores, ram".
  const amounts = /requested ([\d, ]+?), but already used ([\d, ]+?) of ([\d, ]+)/i.exec(words);
  const [asked, used, limit] = (amounts?.slice(1) ?? []).map((list) => Number(list.split(',')[0]));
  if (asked === undefined || used === undefined || limit === undefined) {
    return { key: 'quota', params: { resource } };
  }
  return { key: 'quotaAmount', params: { resource, asked, used, limit } };
}

// In the order in which they are looked for: the longer name first. The words are those of `openstack.errors.quota`.
const resources: readonly (readonly [RegExp, string])[] = [
  [/security_?\s?group_?\s?rules?/i, 'securityGroupRules'],
  [/security_?\s?groups?/i, 'securityGroups'],
  [/server_?\s?groups?/i, 'serverGroups'],
  [/floating_?\s?ips?/i, 'floatingIps'],
  [/key_?\s?pairs?/i, 'keyPairs'],
  [/\bvolumes?\b|gigabytes/i, 'volumes'],
  [/\binstances?\b/i, 'instances'],
  [/\bcores?\b|\bvcpus?\b/i, 'cores'],
  [/\bram\b|\bmemory(_mb)?\b/i, 'memory'],
  [/metadata/i, 'metadata'],
  [/\bports?\b/i, 'ports'],
  [/\bnetworks?\b/i, 'networks'],
  [/\bsubnets?\b/i, 'subnets'],
  [/\brouters?\b/i, 'routers'],
  [/\bstacks?\b/i, 'stacks'],
  [/\bimages?\b|image_/i, 'images'],
];

function resourceOf(words: string): string {
  // The names stand before the colon; behind it nova repeats all of them.
  const named = /quota exceeded for (?:resources: )?\[?([^:\]]+)/i.exec(words)?.[1] ?? words;
  return resources.find(([pattern]) => pattern.test(named))?.[1] ?? 'other';
}
