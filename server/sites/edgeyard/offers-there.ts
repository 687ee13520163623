/** What another Edgeyard's site offers, as its REST API tells it. */
import { z } from 'zod';
import { acceleratorReasons, type SiteOffers } from '../site';

const amount = z.object({ total: z.number(), used: z.number() });
const size = { vcpus: z.number(), memoryMiB: z.number(), diskGiB: z.number() };

export const offersThere = z.object({
  flavors: z.array(z.object({ id: z.string(), name: z.string(), ...size })),
  customFlavor: z
    .object({ maxVcpus: z.number(), maxMemoryMiB: z.number(), maxDiskGiB: z.number() })
    .optional(),
  images: z.array(
    z
      .object({
        id: z.string(),
        name: z.string(),
        os: z.string().optional(),
        architecture: z.enum(['x86_64', 'aarch64']),
        format: z.enum(['qcow2', 'iso', 'other']),
        size: z.number(),
        virtualSize: z.number(),
        minMemoryMiB: z.number(),
        minDiskGiB: z.number(),
        cloudInit: z.boolean(),
        login: z.string().optional(),
        digest: z.string().optional(),
      })
      // JSON leaves out what is undefined. None of them is an image of this house.
      .transform(({ os, login, digest, ...image }) => ({ ...image, os, login, digest, ours: false })),
  ),
  networks: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      kind: z.enum(['none', 'isolated', 'nat', 'provider']),
      forwards: z.boolean(),
    }),
  ),
  capacity: z.object({ vcpus: amount, memoryMiB: amount, diskGiB: amount }),
  accelerator: z
    .object({ name: z.string(), reason: z.enum(acceleratorReasons), detail: z.string().optional() })
    .optional(),
});

/** As the site port has it. */
export function asOffers({ customFlavor, accelerator, ...offers }: z.output<typeof offersThere>): SiteOffers {
  return { ...offers, customFlavor, accelerator };
}
