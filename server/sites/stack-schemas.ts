/** What goes between an Edgeyard and those that use it as an edge: topologies, plans and stacks as JSON. */
import { z } from 'zod';
import type { AppTopology, Stack, StackEvent, StackPlan } from './stacks';
import { wordsSchema } from '../problem-schema';

const scalar = z.union([z.string().max(10_000), z.number(), z.boolean()]);
const name = z.string().min(1).max(200);
const value = z.union([z.string().max(10_000), z.object({ input: name })]);

/** An input of a package, as the person is asked for it. */
export const stackParameterSchema = z.object({
  name,
  type: z.enum(['string', 'number', 'boolean']),
  description: z.string().max(10_000),
  default: scalar.optional(),
  required: z.boolean(),
  secret: z.boolean(),
  choices: z.array(z.string()).optional().describe('Networks or zones of the site, of which it names one'),
});

const card = z.object({
  node: name,
  network: z.string().max(200),
  address: value.optional(),
  serves: z.array(z.object({ protocol: z.enum(['tcp', 'udp']), port: z.int().min(1).max(65_535) })).max(200),
});

const vm = z.object({
  node: name,
  name,
  vcpus: z.int().positive(),
  memoryMiB: z.int().positive(),
  diskGiB: z.int().positive(),
  image: z.string().max(500),
  zone: value.optional(),
  userData: z.object({ contents: z.string().max(200_000), params: z.record(z.string(), value) }).optional(),
  cards: z.array(card).max(50),
});

/** The VMs that a package asks for. */
export const topologySchema = z.object({
  name: z.string().max(200),
  version: z.string().max(200),
  inputs: z.array(stackParameterSchema).max(200),
  vms: z.array(vm).min(1).max(100),
  networks: z.array(z.object({ node: name, name: value, range: z.string().max(100).optional() })).max(100),
}) satisfies z.ZodType<AppTopology>;

/** What a topology would become, before anything is made. */
export const stackPlanSchema = z.object({
  template: z.string(),
  parameters: z.array(stackParameterSchema),
  reasons: z.array(wordsSchema),
}) satisfies z.ZodType<StackPlan>;

/** A stack as its site tells of it now. */
export const stackSchema = z.object({
  ref: z.string(),
  name: z.string(),
  state: z.enum(['creating', 'ready', 'failed', 'deleting', 'gone']),
  reason: z.string().describe('The site’s own words'),
  outputs: z.array(z.object({ name: z.string(), value: z.string() })),
  resources: z.array(z.object({ name: z.string(), type: z.string(), status: z.string(), id: z.string() })),
}) satisfies z.ZodType<Stack>;

export const stackEventSchema = z.object({
  id: z.string(),
  at: z.number().describe('Milliseconds since 1970'),
  resource: z.string(),
  status: z.string(),
  reason: z.string(),
}) satisfies z.ZodType<StackEvent>;

const images = z
  .record(z.string().max(500), z.string().max(200))
  .describe('Ids of disk images by their names in the package');

export const planStackInput = z.object({ topology: topologySchema, images });
export type PlanStackInput = z.output<typeof planStackInput>;

export const createStackInput = z.object({
  name,
  deploymentId: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/)
    .describe('Of the caller: the same again goes on with what it made'),
  template: z.string().max(1_000_000).describe('Of the plan'),
  parameters: z.record(z.string(), scalar),
  images,
});
export type CreateStackInput = z.output<typeof createStackInput>;
