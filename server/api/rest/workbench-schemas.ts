import { z } from '@hono/zod-openapi';
import { siteStates } from '../../sites/schemas';
import { cloudWish, portForward, projectFields, projectKinds } from '../../workbench/schemas';
import { vmStates } from '../../workbench/vm-gates';
import { paramsSchema, wordsSchema } from '../../problem-schema';

/** A project as REST shows it; the fields are those of server/workbench/model.ts. */
export const projectSchema = projectFields
  .extend({
    id: z.string(),
    kind: z.enum(projectKinds),
    ownerId: z.string(),
    ownerName: z.string(),
    role: z.enum(['owner', 'member', 'admin']),
    iconUrl: z.string().optional(),
    sshPublicKey: z.string(),
    vms: z.array(
      z.object({ id: z.string(), name: z.string(), state: z.enum(vmStates), screen: z.boolean() }),
    ),
    removalJobId: z.string().optional(),
    createdAt: z.int(),
    updatedAt: z.int(),
    // Stored texts are what they are; only what comes in is held to the lists.
    name: z.string(),
    industry: z.string(),
    type: z.string(),
  })
  .openapi('Project');

const gateSchema = z
  .object({ allowed: z.boolean(), key: z.string().optional(), wayOut: z.string().optional() })
  .openapi('Gate');

/** A VM as REST shows it. */
export const vmSchema = z
  .object({
    id: z.string(),
    projectId: z.string(),
    name: z.string(),
    siteId: z.string(),
    siteName: z.string(),
    siteDown: z
      .object({ state: z.enum(siteStates), since: z.number() })
      .optional()
      .openapi({ description: 'The site cannot be asked, so that the state is the last known one' }),
    siteRef: z.string().optional(),
    state: z.enum(vmStates),
    stateSince: z.int(),
    reason: z.string().optional(),
    reasonDetail: z.string().optional(),
    problem: z.object({ code: z.string(), key: z.string() }).optional(),
    vcpus: z.int(),
    memoryMiB: z.int(),
    diskGiB: z.number(),
    imageId: z.string(),
    imageName: z.string(),
    networkId: z.string(),
    networkName: z.string(),
    address: z.string().optional(),
    forwards: z.array(portForward),
    cloud: cloudWish.optional(),
    login: z.string().optional(),
    ssh: z.object({ host: z.string(), port: z.int() }).optional(),
    hostKey: z.string().optional(),
    boot: z.object({
      startedAt: z.int().optional(),
      phases: z.array(z.object({ phase: z.string(), at: z.int() })),
      verdict: z.enum(['idle', 'booting', 'booted', 'silent', 'panic']),
    }),
    files: z
      .array(z.object({ path: z.string(), mode: z.string(), size: z.int() }))
      .openapi({ description: 'What it was created with; sizes in bytes' }),
    toolIds: z.array(z.string()),
    capabilities: z.array(z.string()),
    jobId: z.string().optional(),
    addresses: z.array(z.string()),
    floating: z.array(z.string()).openapi({ description: 'Those of the addresses that are floating IPs' }),
    gates: z.record(z.string(), gateSchema).openapi({ description: 'What is allowed now, and why not' }),
    createdAt: z.int(),
  })
  .openapi('Vm');

/** The way from the server to a VM's SSH port. */
export const reachSchema = z
  .object({
    hops: z.array(
      z.object({
        hop: z.enum(['state', 'network', 'route', 'securityGroup', 'port']),
        ok: z.boolean(),
        says: z.string(),
        params: paramsSchema,
      }),
    ),
    fixes: z.array(paramsSchema),
  })
  .openapi('Reach');

export const memberSchema = z
  .object({ userId: z.string(), name: z.string(), owner: z.boolean(), addedAt: z.int() })
  .openapi('Member');

export const belongingSchema = z
  .object({
    type: z.enum(['vm', 'image', 'package', 'containerImage', 'testDeployment']),
    id: z.string(),
    name: z.string(),
    size: z.number().optional(),
  })
  .openapi('Belonging');

export const planSchema = z
  .object({
    fits: z.boolean(),
    reasons: z.array(wordsSchema),
    amounts: z.array(
      z.object({
        resource: z.enum(['vcpus', 'memoryMiB', 'diskGiB']),
        asked: z.number(),
        free: z.number(),
        total: z.number(),
      }),
    ),
    steps: z.array(z.string()),
  })
  .openapi('VmPlan');

export const vmEventSchema = z
  .object({
    id: z.int(),
    at: z.int(),
    kind: z.string(),
    value: z.string(),
    detail: z.string().optional(),
    actorName: z.string().optional(),
  })
  .openapi('VmEvent');
