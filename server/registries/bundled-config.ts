import { tokenService, type TokenSigner } from './token-signer';

/** What the bundled registry is told at a start. */
export interface BundledConfig {
  host: string;
  port: number;
  /** Folder of its contents. */
  contents: string;
  /** Where clients fetch tokens. */
  realm: string;
  /** File with the certificate of the tokens' key. */
  certificateFile: string;
  issuer: TokenSigner['issuer'];
  /** It takes no pushes and deletes nothing: while its garbage is collected. */
  readOnly: boolean;
}

/** docker-registry's configuration; it reads YAML, of which JSON is a part. Holds no secret. */
export function registryConfig(config: BundledConfig): object {
  return {
    version: '0.1',
    log: { level: 'warn', formatter: 'text', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: config.contents },
      delete: { enabled: true },
      // No cache of blobs: it would go on naming those that a collection has removed.
      maintenance: {
        uploadpurging: { enabled: true, age: '168h', interval: '24h', dryrun: false },
        readonly: { enabled: config.readOnly },
      },
    },
    http: {
      addr: config.host.includes(':') ? `[${config.host}]:${config.port}` : `${config.host}:${config.port}`,
      draintimeout: '10s',
      headers: { 'X-Content-Type-Options': ['nosniff'] },
    },
    auth: {
      token: {
        realm: config.realm,
        service: tokenService,
        issuer: config.issuer,
        rootcertbundle: config.certificateFile,
      },
    },
    health: { storagedriver: { enabled: true, interval: '10s', threshold: 3 } },
  };
}
