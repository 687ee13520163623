import { z } from 'zod';
import { externalRegistry } from '@/server/registries/schemas';
import {
  createStore,
  type CreateStore,
  type StoreView,
  type SyncRule,
  type UpdateStore,
} from '@/server/operations/sync/schemas';
import { isPem } from '../sites/site-form';

const messages = {
  name: 'syncPages.rules.name',
  url: 'syncPages.rules.url',
  ca: 'registries.errors.badCa',
  signers: 'sync.errors.badSigners',
  registryUrl: 'registries.errors.badAddress',
  registryPrefix: 'registries.errors.badName',
  registryUser: 'syncPages.rules.registryUser',
  registryPassword: 'syncPages.rules.registryPassword',
  pattern: 'syncPages.rules.pattern',
};

const isPemOrEmpty = (text: string) => text.trim() === '' || isPem(text);
const pattern = z.string().trim().max(120, messages.pattern);

/** Choices of how often a catalogue is read, in minutes; '' for only when somebody asks. */
export const intervals = ['', '5', '15', '60', '360', '1440'] as const;

/** The page's form of a store: every field has a value from the beginning. Messages are full message keys. */
export const storeForm = z
  .object({
    kind: z.enum(['own', 'edgeyard', 'edgegallery']),
    name: z.string().trim(),
    url: z.string().trim(),
    ca: z.string().refine(isPemOrEmpty, messages.ca),
    /** Certificates of those one of whom must have signed each package; empty: nobody need. */
    signers: z.string().max(100_000, messages.signers).refine(isPemOrEmpty, messages.signers),
    /** Secrets are only ever sent. */
    token: z.string().max(4096),
    /** Where its images lie: where the store says, or in a registry that is named here. */
    images: z.enum(['store', 'registry']),
    registryUrl: z.string().trim(),
    registryPrefix: z.string().trim(),
    registryCa: z.string().refine(isPemOrEmpty, messages.ca),
    registryUser: z.string().trim().max(256),
    registryPassword: z.string().max(4096),
    rules: z.array(
      z.object({
        provider: pattern,
        name: pattern,
        kind: z.enum(['', 'vm', 'container']),
        newestOnly: z.boolean(),
      }),
    ),
    everyMinutes: z.string(),
    /** What the server holds, so that an empty field means: unchanged. */
    storedToken: z.string().nullable(),
    storedPassword: z.string().nullable(),
  })
  .superRefine((form, context) => {
    if (form.kind === 'own') return;
    const refuse = (path: keyof typeof form, message: string) => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    if (form.name === '' || form.name.length > 60) refuse('name', messages.name);
    if (!createStore.shape.url.safeParse(form.url).success) refuse('url', messages.url);
    if (form.images === 'registry') {
      const { url, prefix } = externalRegistry.shape;
      if (!url.safeParse(form.registryUrl).success) refuse('registryUrl', messages.registryUrl);
      if (!prefix.safeParse(form.registryPrefix).success) refuse('registryPrefix', messages.registryPrefix);
    }
    if (form.registryPassword !== '' && form.registryUser === '')
      refuse('registryUser', messages.registryUser);
    if (form.registryUser !== '' && form.registryPassword === '' && !keepsPassword(form))
      refuse('registryPassword', messages.registryPassword);
  });
export type StoreForm = z.infer<typeof storeForm>;

/** A rule that takes everything's newest release. */
export const emptyRule: StoreForm['rules'][number] = { provider: '*', name: '*', kind: '', newestOnly: true };

/** What the form of a new store begins with. */
export const emptyStoreForm: StoreForm = {
  kind: 'edgeyard',
  name: '',
  url: '',
  ca: '',
  signers: '',
  token: '',
  images: 'store',
  registryUrl: '',
  registryPrefix: '',
  registryCa: '',
  registryUser: '',
  registryPassword: '',
  rules: [],
  everyMinutes: '60',
  storedToken: null,
  storedPassword: null,
};

/** What the form of a store begins with. */
export function storeFormOf(store: StoreView): StoreForm {
  const { registry } = store;
  const form: StoreForm = {
    ...emptyStoreForm,
    kind: store.kind,
    name: store.name,
    url: store.url ?? '',
    ca: store.ca ?? '',
    signers: store.signers ?? '',
    images: registry ? 'registry' : 'store',
    registryUrl: registry?.url ?? '',
    registryPrefix: registry?.prefix ?? '',
    registryCa: registry?.ca ?? '',
    registryUser: (registry ? registry.user : store.registryUser) ?? '',
    rules: store.rules.map((rule) => ({ ...rule, kind: rule.kind ?? '' })),
    everyMinutes: store.everyMinutes === null ? '' : String(store.everyMinutes),
  };
  return {
    ...form,
    storedToken: store.hasToken ? form.url : null,
    storedPassword: store.hasRegistryPassword ? letsIn(form) : null,
  };
}

/** Whether the stored token serves this address; the server sends it nowhere else. */
export function keepsToken({ storedToken, url }: Pick<StoreForm, 'storedToken' | 'url'>): boolean {
  return storedToken !== null && storedToken === url.trim().replace(/\/+$/, '');
}

/** The same for the registry's password, its address and its user. */
export function keepsPassword(form: StoreForm): boolean {
  return form.storedPassword !== null && form.storedPassword === letsIn(form);
}

function letsIn({ images, registryUrl, registryUser, url }: StoreForm): string {
  return [images === 'registry' ? registryUrl.trim() : url.trim(), registryUser.trim()].join(' ');
}

/** What a new store is made of. */
export function createOf(form: StoreForm): CreateStore {
  const registry = registryOf(form);
  return {
    kind: form.kind === 'edgegallery' ? 'edgegallery' : 'edgeyard',
    name: form.name,
    url: form.url,
    ...(form.ca.trim() !== '' && { ca: form.ca }),
    ...(form.signers.trim() !== '' && { signers: form.signers }),
    ...(form.token !== '' && { token: form.token }),
    ...(registry && { registry }),
    ...(!registry && form.registryUser !== '' && { registryUser: form.registryUser }),
    ...(form.registryPassword !== '' && { registryPassword: form.registryPassword }),
    ...plansOf(form),
  };
}

/** What is changed of a store; secrets that were not typed stay where they still fit, and go where they do not. */
export function updateOf(form: StoreForm): UpdateStore {
  if (form.kind === 'own') return plansOf(form);
  const registry = registryOf(form);
  return {
    name: form.name,
    url: form.url,
    ca: form.ca.trim() === '' ? null : form.ca,
    signers: form.signers.trim() === '' ? null : form.signers,
    registry: registry ?? null,
    registryUser: registry || form.registryUser === '' ? null : form.registryUser,
    ...secret('token', form.token, form.storedToken === null || keepsToken(form)),
    ...secret('registryPassword', form.registryPassword, form.storedPassword === null || keepsPassword(form)),
    ...plansOf(form),
  };
}

function secret(name: 'token' | 'registryPassword', typed: string, stays: boolean): Partial<UpdateStore> {
  return typed === '' && stays ? {} : { [name]: typed };
}

function registryOf(form: StoreForm): CreateStore['registry'] {
  if (form.images === 'store') return undefined;
  return {
    url: form.registryUrl,
    prefix: form.registryPrefix,
    ...(form.registryCa.trim() !== '' && { ca: form.registryCa }),
    ...(form.registryUser !== '' && { user: form.registryUser }),
  };
}

function plansOf({ rules, everyMinutes }: StoreForm): { rules: SyncRule[]; everyMinutes: number | null } {
  return {
    rules: rules.map(({ provider, name, kind, newestOnly }) => ({
      provider: provider.trim() === '' ? '*' : provider.trim(),
      name: name.trim() === '' ? '*' : name.trim(),
      newestOnly,
      ...(kind !== '' && { kind }),
    })),
    everyMinutes: everyMinutes === '' ? null : Number(everyMinutes),
  };
}
