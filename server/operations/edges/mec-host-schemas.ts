/** A host as EdgeGallery's inventory has it (`MecHostDto` of MECM 1.1 to 1.5). */
import { z } from 'zod';

const word = (most: number) => z.string().trim().max(most);

const hardware = z.object({
  hwType: word(128).default(''),
  hwVendor: word(128).default(''),
  hwModel: word(128).default(''),
});

/** What is kept as it was sent, beside what the edge itself knows. */
export const mecHostFacts = z.object({
  mechostName: word(80).min(1),
  zipCode: word(128).default(''),
  city: word(128).default(''),
  address: word(256).default(''),
  affinity: word(128).default(''),
  userName: word(128).default(''),
  /** Of 1.1 to 1.3; 1.5 calls it `mepmIp`. */
  applcmIp: word(64).default(''),
  mepmIp: word(64).default(''),
  appRuleIp: word(64).default(''),
  /** `longitude,latitude`, as its pages send it. */
  coordinates: word(128).default(''),
  hwcapabilities: z.array(hardware).max(10).default([]),
  vim: z.enum(['K8S', 'OpenStack']).default('K8S'),
});
export type MecHostFacts = z.infer<typeof mecHostFacts>;

/** The body of POST and PUT; what only answers hold is taken and not looked at. */
export const mecHostInput = mecHostFacts.extend({
  mechostIp: z.union([z.ipv4(), z.ipv6()]),
  tenantId: z.string().max(64).optional(),
  configUploadStatus: z.string().max(32).nullish(),
});
export type MecHostInput = z.infer<typeof mecHostInput>;

/** A host as GET answers. */
export const mecHostView = mecHostFacts.extend({
  mechostIp: z.string(),
  /** `Uploaded`, or null before a configuration was sent. */
  configUploadStatus: z.literal('Uploaded').nullable(),
});
export type MecHostView = z.infer<typeof mecHostView>;
