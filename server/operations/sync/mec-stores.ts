/** Stores and syncs as EdgeGallery's MECM asks for them: stores by their IP, packages by the store's ids. */
import type { UserActor } from '../../access/actor';
import type { Job, Jobs } from '../../jobs/job';
import { asProblem, Problem, problemFrom, type ProblemReport } from '../../problem';
import { externalRegistry } from '../../registries/schemas';
import type { CatalogueRows } from './catalogue-rows';
import type {
  MecCatalogueEntry,
  MecStoreInput,
  MecStoreView,
  MecSyncInput,
  MecSyncStatus,
} from './mec-schemas';
import type { SyncedRelease, SyncState } from './schemas';
import type { StoreRow, StoreRows } from './store-rows';
import type { Sync } from './sync';

/** How long a catalogue that is read just now is waited for, in milliseconds. */
const patienceMs = 30_000;

export interface MecStores {
  list(): MecStoreView[];
  /** @throws Problem `not_found` */
  get(ip: string): MecStoreView;
  /** @throws Problem `conflict` */
  add(actor: UserActor, input: MecStoreInput): void;
  /** Without a password the stored one stays, where address and user are the same. @throws Problem `not_found`, `conflict` */
  change(actor: UserActor, ip: string, input: MecStoreInput): void;
  /** @throws Problem `not_found`, `forbidden` for the own one */
  remove(actor: UserActor, ip: string): void;
  /** What a store has; a reading under way is waited for. @throws Problem `not_found` */
  catalogue(ip: string, signal: AbortSignal): Promise<MecCatalogueEntry[]>;
  /** Starts what can be started, and says of the others why not. */
  sync(actor: UserActor, wanted: MecSyncInput): MecAccepted[];
  /** Of all packages. @param say puts a problem into words */
  states(say: SayProblem): MecSyncStatus[];
  /** @throws Problem `not_found` */
  state(appId: string, packageId: string, say: SayProblem): MecSyncStatus;
}

export type SayProblem = (problem: ProblemReport) => string;

/** What became of one; without a problem it was accepted. */
type MecAccepted = MecSyncInput[number] & { problem: ProblemReport | undefined };

interface MecPorts {
  stores: StoreRows;
  rows: CatalogueRows;
  views: () => SyncedRelease[];
  refresh: (storeId: string, actorId: string | undefined) => Job;
  jobs: Jobs;
  room: () => Pick<Sync, 'stores' | 'start'>;
}

const states = {
  notInSync: 'NOT_IN_SYNC',
  syncing: 'INPROGRESS',
  inSync: 'IN_SYNC',
  failed: 'SYNC_FAILED',
} as const satisfies Record<SyncState, MecSyncStatus['syncStatus']>;

/** Opens the look. */
export function openMecStores({ stores, rows, views, jobs, room }: MecPorts): MecStores {
  const find = (ip: string) => {
    const all = stores.all();
    // Two stores on one machine differ by their ports.
    return all.find((store) => hostOf(store) === ip) ?? all.find((store) => ipOf(store) === ip);
  };
  const require = (ip: string) => {
    const store = find(ip);
    if (store === undefined) throw new Problem('not_found', 'sync.errors.noStore');
    return store;
  };
  const statusOf = (say: SayProblem) => {
    const byId = new Map(stores.all().map((store) => [store.id, store]));
    return (release: SyncedRelease) => statusView(release, byId.get(release.storeId), say);
  };

  const mec: MecStores = {
    list: () => stores.all().map(storeView),
    get: (ip) => storeView(require(ip)),
    add(actor, input) {
      room().stores.create(actor, { kind: 'edgegallery', rules: [], everyMinutes: null, ...fieldsOf(input) });
      stores.update(require(hostOfInput(input)).id, { producer: input.producer });
    },
    change(actor, ip, input) {
      const { id } = require(ip);
      room().stores.update(actor, id, fieldsOf(input));
      stores.update(id, { producer: input.producer });
    },
    remove(actor, ip) {
      room().stores.remove(actor, require(ip).id);
    },
    async catalogue(ip, signal) {
      const { id } = require(ip);
      const subject = { type: 'store' as const, id };
      const [reading] = jobs.list({
        subject,
        kind: 'store.refresh',
        states: ['queued', 'running'],
        limit: 1,
      });
      if (reading) {
        const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
        // What was read before is an answer too.
        await jobs.settled(reading.id, limit).catch(() => undefined);
      }
      return views()
        .filter(({ storeId, withdrawnAt }) => storeId === id && withdrawnAt === null)
        .map((release) => ({ id: release.id, ...packageWords(release) }));
    },
    sync: (actor, wanted) =>
      wanted.map((each) => {
        try {
          const { id } = require(each.appstoreIp);
          const row = rows.ofStore(id, each.packageId);
          if (row?.appId !== each.appId) throw new Problem('not_found', 'sync.errors.noRelease');
          room().start(actor, { releaseIds: [row.id] });
          return { ...each, problem: undefined };
        } catch (error) {
          return { ...each, problem: asProblem(error).report() };
        }
      }),
    states: (say) => views().map(statusOf(say)),
    state(appId, packageId, say) {
      const found = views().find((each) => each.appId === appId && each.releaseId === packageId);
      if (found === undefined) throw new Problem('not_found', 'sync.errors.noRelease');
      return statusOf(say)(found);
    },
  };
  return mec;
}

/** Of the own store: EdgeGallery's inventory knows no store without an address. */
const ownIp = '127.0.0.1';

const ipOf = ({ url }: StoreRow) =>
  url === null ? ownIp : new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
const hostOf = ({ url }: StoreRow) => (url === null ? 'own' : new URL(url).host);

const urlOf = ({ schema, appstoreIp, appstorePort }: MecStoreInput) =>
  `${schema}://${appstoreIp.includes(':') ? `[${appstoreIp}]` : appstoreIp}:${appstorePort}`;
/** As `URL` writes it, without the port that the scheme has anyway. */
const hostOfInput = (input: MecStoreInput) => new URL(urlOf(input)).host;

function fieldsOf(input: MecStoreInput) {
  const {
    appstoreRepo: repo,
    appstoreRepoName,
    appstoreRepoUserName: user,
    appstoreRepoPassword: password,
  } = input;
  const registry = externalRegistry.omit({ pullUser: true }).safeParse({
    url: /^https?:\/\//.test(repo) ? repo.replace(/\/+$/, '') : `https://${repo}`,
    prefix: appstoreRepoName,
    ...(user === '' ? {} : { user }),
  });
  if (repo !== '' && !registry.success)
    throw problemFrom({
      code: 'invalid',
      key: registry.error.issues[0]?.message ?? 'problems.badInput',
      params: {},
    });
  return {
    name: input.appstoreName,
    url: urlOf(input),
    ...(registry.success ? { registry: registry.data } : {}),
    ...(password === '' ? {} : { registryPassword: password }),
    ...(input.accessToken === undefined ? {} : { token: input.accessToken }),
  };
}

function storeView(store: StoreRow): MecStoreView {
  const { url, registry, name, producer } = store;
  const { port = '', protocol = '' } = url === null ? {} : new URL(url);
  const unsaid = protocol === 'https:' ? '443' : protocol === 'http:' ? '80' : '';
  return {
    appstoreIp: ipOf(store),
    appstorePort: port || unsaid,
    appstoreName: name,
    // As it was typed: URL leaves out the port that the scheme has anyway.
    appstoreRepo: registry?.url.replace(/^https?:\/\//, '') ?? '',
    appstoreRepoName: registry?.prefix ?? '',
    appstoreRepoUserName: registry?.user ?? '',
    appstoreRepoPassword: '',
    producer: producer ?? '',
  };
}

function packageWords(release: SyncedRelease) {
  const { appId, releaseId: packageId, name, provider, version, type, industry } = release;
  return {
    appId,
    packageId,
    name,
    provider,
    version,
    type,
    affinity: release.architecture,
    industry,
    shortDesc: release.description,
  };
}

function statusView(release: SyncedRelease, store: StoreRow | undefined, say: SayProblem): MecSyncStatus {
  const { problem } = release;
  return {
    ...packageWords(release),
    appstoreIp: store ? ipOf(store) : '',
    appstoreEndpoint: store?.url ? new URL(store.url).host : '',
    size: String(release.size),
    testTaskId: '',
    status: release.withdrawnAt === null ? 'Published' : 'Withdrawn',
    syncStatus: states[release.state],
    operationalInfo: problem === null ? '' : [say(problem), problem.detail].filter(Boolean).join(' '),
    createTime: new Date(release.publishedAt).toISOString(),
  };
}
