import { z } from 'zod';
import {
  externalRegistry,
  type ExamineRegistry,
  type ExternalRegistry,
  type RegistryRole,
  type RegistryRow,
  type SetRegistry,
} from '@/server/registries/schemas';
import { isPem } from '../sites/site-form';

const maxUserLength = 256;
const maxPasswordLength = 10_000;
const maxCaLength = 200_000;

/** The page's form of a registry: every field has a value from the beginning. Messages are full message keys. */
export const registryForm = z
  .object({
    kind: z.enum(['bundled', 'external']),
    url: z.string().trim(),
    prefix: z.string().trim(),
    ca: z.string().max(maxCaLength, 'registries.errors.badCa'),
    login: z.enum(['none', 'password']),
    user: z.string().trim().max(maxUserLength, 'adminRegistries.rules.user'),
    /** Only ever sent. */
    password: z.string().max(maxPasswordLength, 'adminRegistries.rules.password'),
    /** Empty: sites pull with the login above. */
    pullUser: z.string().trim().max(maxUserLength, 'adminRegistries.rules.user'),
    /** Only ever sent. */
    pullPassword: z.string().max(maxPasswordLength, 'adminRegistries.rules.password'),
    move: z.boolean(),
    /** Where the stored password belongs to, so that an empty field means: unchanged. */
    stored: z.object({ url: z.string(), user: z.string() }).nullable(),
    storedPull: z.object({ url: z.string(), user: z.string() }).nullable(),
  })
  .superRefine((form, context) => {
    if (form.kind === 'bundled') return;
    const refuse = (path: keyof RegistryForm, message: string) => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    const { url, prefix } = externalRegistry.shape;
    if (!url.safeParse(form.url).success) refuse('url', 'registries.errors.badAddress');
    if (!prefix.safeParse(form.prefix).success) refuse('prefix', 'registries.errors.badName');
    if (form.ca.trim() !== '' && !isPem(form.ca)) refuse('ca', 'registries.errors.badCa');
    if (form.pullUser !== '' && form.pullPassword === '' && !keepsPullPassword(form))
      refuse('pullPassword', 'adminRegistries.rules.password');
    if (form.login === 'none') return;
    if (form.user === '') refuse('user', 'adminRegistries.rules.user');
    if (form.password === '' && !keepsPassword(form)) refuse('password', 'adminRegistries.rules.password');
  });
export type RegistryForm = z.infer<typeof registryForm>;

/** What the form of a role's registry begins with. */
export function formOf({
  kind,
  config,
  hasSecret,
}: Pick<RegistryRow, 'kind' | 'config' | 'hasSecret'>): RegistryForm {
  return {
    kind,
    url: config?.url ?? '',
    prefix: config?.prefix ?? '',
    ca: config?.ca ?? '',
    login: kind === 'external' && config?.user === undefined ? 'none' : 'password',
    user: config?.user ?? '',
    password: '',
    pullUser: config?.pullUser ?? '',
    pullPassword: '',
    move: true,
    stored: config?.user !== undefined && hasSecret ? { url: config.url, user: config.user } : null,
    storedPull: config?.pullUser === undefined ? null : { url: config.url, user: config.pullUser },
  };
}

/** Whether the stored password serves this address and user; the server sends it nowhere else. */
export function keepsPassword({ stored, url, user }: Pick<RegistryForm, 'stored' | 'url' | 'user'>): boolean {
  return stored !== null && stored.url === url.trim() && stored.user === user.trim();
}

/** The same for the login that may only pull. */
export function keepsPullPassword({
  storedPull,
  url,
  pullUser,
}: Pick<RegistryForm, 'storedPull' | 'url' | 'pullUser'>): boolean {
  return keepsPassword({ stored: storedPull, url, user: pullUser });
}

/** Whether the form leads to another registry than the present one, so that there is something to move. */
export function leadsElsewhere(form: RegistryForm, row: Pick<RegistryRow, 'kind' | 'config'>): boolean {
  if (form.kind !== row.kind) return true;
  return (
    form.kind === 'external' &&
    (form.url.trim() !== row.config?.url || form.prefix.trim() !== row.config.prefix)
  );
}

/** What is saved. */
export function settingOf(form: RegistryForm): SetRegistry {
  if (form.kind === 'bundled') return { kind: 'bundled', move: form.move };
  const { pullPassword, move } = form;
  const sealed = form.pullUser.trim() !== '' && pullPassword !== '' && { pullPassword };
  return { kind: 'external', ...accessOf(form), ...sealed, move };
}

/** What is tested; the bundled registry only as it is set now. */
export function examinationOf(role: RegistryRole, form: RegistryForm): ExamineRegistry {
  return form.kind === 'bundled' ? { role } : { role, ...accessOf(form) };
}

function accessOf(form: RegistryForm): { config: ExternalRegistry; password?: string } {
  const named = form.login === 'password';
  return {
    config: {
      url: form.url.trim(),
      prefix: form.prefix.trim(),
      ...(form.ca.trim() !== '' && { ca: form.ca }),
      ...(named && { user: form.user.trim() }),
      ...(form.pullUser.trim() !== '' && { pullUser: form.pullUser.trim() }),
    },
    ...(named && form.password !== '' && { password: form.password }),
  };
}
