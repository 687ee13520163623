import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { roomNames, type RoomName } from './rooms';
import {
  externalRegistry,
  registryRoles,
  type ExternalRegistry,
  type RegistryRole,
} from './registries/schemas';
import { sitePurposes, type SitePurpose } from './sites/schemas';

const oidc = z.object({
  issuer: z.url(),
  clientId: z.string().min(1),
  /** Taken from EDGEYARD_OIDC_SECRET when absent, so that the file can be shared. */
  clientSecret: z.string().min(1).optional(),
  label: z.string().min(1).default('OpenID Connect'),
});

/** A registry of somebody else's for one of the rooms. */
const externalRegistryInFile = z
  .object({
    url: externalRegistry.shape.url,
    prefix: externalRegistry.shape.prefix,
    /** Path of a file with certificates in PEM, or the certificates themselves. */
    ca: z.string().optional(),
    user: externalRegistry.shape.user,
    password: z.string().min(1).optional(),
    /** Name of the variable that holds the password, so that the file can be shared. */
    passwordEnv: z.string().min(1).optional(),
    /** A login that may only pull, given to sites instead of the one above. */
    pullUser: externalRegistry.shape.pullUser,
    pullPassword: z.string().min(1).optional(),
    pullPasswordEnv: z.string().min(1).optional(),
  })
  .strict();

const registries = z
  .object({
    /** The docker-registry that Edgeyard runs itself, for every room below that is not set. */
    bundled: z
      .object({
        host: z.string().min(1).default('127.0.0.1'),
        /** 0: any free one, which is then kept. */
        port: z.int().min(0).max(65535).default(0),
        /** `host:port` as edges and people reach it, where that is another than the above. */
        address: z
          .string()
          .regex(/^[^/\s]+$/, 'host:port, without http://')
          .optional(),
        /** Whether `address` is spoken to with TLS, by a proxy in front. */
        https: z.boolean().default(false),
      })
      .prefault({}),
    workbench: externalRegistryInFile.optional(),
    store: externalRegistryInFile.optional(),
    operations: externalRegistryInFile.optional(),
  })
  .strict()
  .prefault({});

const fileSchema = z
  .object({
    /** The address people type; needed behind a proxy. */
    publicUrl: z.url().optional(),
    oidc: oidc.optional(),
    qemu: z
      .object({
        /** What the site is called in lists. */
        name: z.string().min(1).max(60).default('This machine'),
        /** `edge`: operations bring apps here. By default a sandbox where developers work, else an edge. */
        purpose: z.enum(sitePurposes).optional(),
        /** This machine's address at which people reach ports of guests; by default they must sit at it. */
        forwardsAt: z.ipv4().default('127.0.0.1'),
        /** Shares of the machine that guests may use in all. */
        maxMemoryMiB: z.int().positive().optional(),
        maxVcpus: z.int().positive().optional(),
        maxDiskGiB: z.int().positive().optional(),
      })
      .prefault({}),
    images: z
      .object({
        /** Lets images be fetched from addresses that are not public, a company's own mirror for example. */
        allowPrivateUrls: z.boolean().default(false),
        /** How long a boot test waits for a login prompt. Emulated Debian on a busy machine needs about two minutes. */
        bootTestSeconds: z.int().min(5).max(3600).default(360),
      })
      .prefault({}),
    registries,
  })
  .strict();

/** EDGEYARD_ROLES: names of rooms parted by commas, all when absent. */
const roomList = z
  .string()
  .default(roomNames.join(','))
  .transform((text) => text.split(',').map((name) => name.trim()))
  .pipe(z.array(z.enum(roomNames, `a list of ${roomNames.join(', ')}`)))
  .transform((given) => roomNames.filter((name) => given.includes(name)));

const environmentSchema = z.object({
  EDGEYARD_DATA: z.string().default('./data'),
  EDGEYARD_HOST: z.string().default('127.0.0.1'),
  EDGEYARD_PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  EDGEYARD_CONFIG: z.string().optional(),
  EDGEYARD_GUESTS: z.string().optional(),
  EDGEYARD_OIDC_SECRET: z.string().optional(),
  EDGEYARD_ROLES: roomList,
  EDGEYARD_LOG: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  NODE_ENV: z.enum(['development', 'production', 'test']).default('production'),
});

export interface RegistriesConfig {
  bundled: z.infer<typeof registries>['bundled'];
  /** Registries of the file; a role that is set here is not to be set on the admin page. */
  external: Partial<
    Record<
      RegistryRole,
      { config: ExternalRegistry; password: string | undefined; pullPassword?: string | undefined }
    >
  >;
}

export interface Config {
  /** Absolute path of the folder that holds everything the app keeps. */
  dataDir: string;
  /** Absolute path of the folder with the built guest images; by default inside the data folder. */
  guestsDir: string;
  host: string;
  port: number;
  publicUrl: string | undefined;
  oidc: (z.infer<typeof oidc> & { clientSecret: string }) | undefined;
  qemu: z.infer<typeof fileSchema>['qemu'] & { purpose: SitePurpose };
  images: z.infer<typeof fileSchema>['images'];
  registries: RegistriesConfig;
  /** The rooms this process plays. */
  rooms: readonly RoomName[];
  logLevel: z.infer<typeof environmentSchema>['EDGEYARD_LOG'];
  development: boolean;
}

/**
 * Reads the configuration: environment variables, and `edgeyard.yaml` in the data folder or where EDGEYARD_CONFIG says.
 *
 * @param environment the variables, normally `process.env`
 * @throws Error that names the file, the key and the rule when something does not fit
 */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const given = environmentSchema.safeParse(environment);
  if (!given.success) throw new Error(z.prettifyError(given.error));
  const env = given.data;
  const dataDir = resolve(env.EDGEYARD_DATA);
  const path = env.EDGEYARD_CONFIG ?? join(dataDir, 'edgeyard.yaml');
  if (env.EDGEYARD_CONFIG !== undefined && !existsSync(path))
    throw new Error(`EDGEYARD_CONFIG: no file ${path}`);
  const parsed = fileSchema.safeParse(existsSync(path) ? (parse(readFileSync(path, 'utf8')) ?? {}) : {});
  if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`);
  const file = parsed.data;
  return {
    dataDir,
    guestsDir: resolve(env.EDGEYARD_GUESTS ?? join(dataDir, 'guests')),
    host: env.EDGEYARD_HOST,
    port: env.EDGEYARD_PORT,
    publicUrl: file.publicUrl,
    oidc: file.oidc && {
      ...file.oidc,
      clientSecret: requireSecret(file.oidc.clientSecret ?? env.EDGEYARD_OIDC_SECRET, path),
    },
    qemu: {
      ...file.qemu,
      purpose: file.qemu.purpose ?? (env.EDGEYARD_ROLES.includes('workbench') ? 'sandbox' : 'edge'),
    },
    images: file.images,
    registries: registriesOf(file.registries, environment, path),
    rooms: env.EDGEYARD_ROLES,
    logLevel: env.EDGEYARD_LOG,
    development: env.NODE_ENV === 'development',
  };
}

function requireSecret(secret: string | undefined, path: string): string {
  if (secret === undefined)
    throw new Error(`${path}: oidc needs clientSecret, there or in EDGEYARD_OIDC_SECRET`);
  return secret;
}

function registriesOf(
  { bundled, ...rooms }: z.infer<typeof registries>,
  environment: Record<string, string | undefined>,
  path: string,
): RegistriesConfig {
  const external: RegistriesConfig['external'] = {};
  for (const role of registryRoles) {
    const set = rooms[role];
    if (!set) continue;
    const { ca, password, passwordEnv: _own, pullPassword, pullPasswordEnv: _pull, ...config } = set;
    const variable = (key: 'passwordEnv' | 'pullPasswordEnv') => {
      const name = set[key];
      const value = name === undefined ? undefined : environment[name];
      if (name !== undefined && value === undefined)
        throw new Error(`${path}: registries.${role}.${key} names ${name}, which is not set`);
      return value;
    };
    external[role] = {
      config: { ...config, ...(ca !== undefined && { ca: pemOf(ca, `${path}: registries.${role}.ca`) }) },
      password: variable('passwordEnv') ?? password,
      pullPassword: variable('pullPasswordEnv') ?? pullPassword,
    };
  }
  return { bundled, external };
}

function pemOf(text: string, where: string): string {
  if (text.includes('-----BEGIN')) return text;
  if (!existsSync(text)) throw new Error(`${where}: no file ${text}`);
  return readFileSync(text, 'utf8');
}
