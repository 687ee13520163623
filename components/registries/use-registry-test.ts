'use client';

import type { RegistryLight, RegistryRole } from '@/server/registries/schemas';
import { useTRPCClient } from '../api/trpc-provider';
import { useLights } from '../lights/use-lights';
import { examinationOf, type RegistryForm } from './registry-form';

/** A test of the registry that stands in the form; without a form, of the one that is set now. */
export function useRegistryTest(role: RegistryRole) {
  const client = useTRPCClient();
  const inputOf = (values: RegistryForm | undefined) => (values ? examinationOf(role, values) : { role });
  return useLights<RegistryForm | undefined, RegistryLight>(
    (values, signal) =>
      client.registries.examine.mutate(inputOf(values), { signal, context: { streamed: true } }),
    (values) => JSON.stringify(inputOf(values)),
  );
}
export type RegistryTest = ReturnType<typeof useRegistryTest>;
