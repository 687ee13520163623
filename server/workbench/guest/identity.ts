import { eq } from 'drizzle-orm';
import { system, type Actor } from '../../access/actor';
import { shellQuote } from './paths';
import type { GuestPorts, GuestVm } from './ports';
import type { MepInput, ToolFile } from './schemas';
import { mepSettings } from './tables';

/** Where the MEP of a project's apps is; the keys themselves never leave the server this way. */
export interface MepView {
  address: string;
  port: number;
  hasAccessKey: boolean;
  hasSecretKey: boolean;
}

/** What an app must know of itself and its MEP, which EdgeGallery's user data carried into the VM. */
export interface Identities {
  /** @throws Problem `not_found`; undefined while nothing is set */
  mep(actor: Actor, projectId: string): MepView | undefined;
  /** Stores address and keys; an absent key stays as it is. @throws Problem `not_found` */
  setMep(actor: Actor, projectId: string, input: MepInput): MepView;
  /** The files with the VM's identity, for the tool's folder. They hold secrets: for the guest only. */
  filesFor(vm: GuestVm): ToolFile[];
  /** Forgets addresses and keys of projects that are gone. */
  prune(): void;
}

const keyName = (projectId: string, key: 'access' | 'secret') => `project/${projectId}/mep-${key}-key`;

export function openIdentities({ db, secrets, ...ports }: GuestPorts): Identities {
  const now = ports.now ?? Date.now;
  const read = (projectId: string) =>
    db.select().from(mepSettings).where(eq(mepSettings.projectId, projectId)).get();
  const view = (projectId: string): MepView | undefined => {
    const row = read(projectId);
    return (
      row && {
        address: row.address,
        port: row.port,
        hasAccessKey: secrets.has(keyName(projectId, 'access')),
        hasSecretKey: secrets.has(keyName(projectId, 'secret')),
      }
    );
  };
  const isThere = (projectId: string): boolean => {
    try {
      ports.requireProject(system, projectId);
      return true;
    } catch {
      return false;
    }
  };
  return {
    mep(actor, projectId) {
      ports.requireProject(actor, projectId);
      return view(projectId);
    },
    setMep(actor, projectId, { address, port, accessKey, secretKey }) {
      ports.requireProject(actor, projectId);
      const values = { address, port, updatedAt: now() };
      db.insert(mepSettings)
        .values({ projectId, ...values })
        .onConflictDoUpdate({ target: mepSettings.projectId, set: values })
        .run();
      if (accessKey !== undefined) secrets.put(keyName(projectId, 'access'), accessKey);
      if (secretKey !== undefined) secrets.put(keyName(projectId, 'secret'), secretKey);
      ports.audit({
        actor,
        action: 'tools.setMep',
        subject: { type: 'project', id: projectId },
        detail: { address, port },
      });
      return view(projectId) ?? { address, port, hasAccessKey: false, hasSecretKey: false };
    },
    prune() {
      for (const { projectId } of db.select().from(mepSettings).all()) {
        if (isThere(projectId)) continue;
        secrets.remove(keyName(projectId, 'access'));
        secrets.remove(keyName(projectId, 'secret'));
        db.delete(mepSettings).where(eq(mepSettings.projectId, projectId)).run();
      }
    },
    filesFor(vm) {
      const mep = read(vm.projectId);
      const facts = {
        EDGEYARD_INSTANCE_ID: vm.id,
        EDGEYARD_PROJECT_ID: vm.projectId,
        EDGEYARD_VM_NAME: vm.name,
        EDGEYARD_MEP_ADDRESS: mep?.address,
        EDGEYARD_MEP_PORT: mep?.port,
        EDGEYARD_MEP_ACCESS_KEY: secrets.read(keyName(vm.projectId, 'access')),
        EDGEYARD_MEP_SECRET_KEY: secrets.read(keyName(vm.projectId, 'secret')),
      };
      const known = Object.entries(facts).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, String(value)] as const],
      );
      const json = {
        instanceId: vm.id,
        projectId: vm.projectId,
        vmName: vm.name,
        mep: mep && {
          address: mep.address,
          port: mep.port,
          accessKey: facts.EDGEYARD_MEP_ACCESS_KEY,
          secretKey: facts.EDGEYARD_MEP_SECRET_KEY,
        },
      };
      return [
        {
          name: 'identity.env',
          content: known.map(([name, value]) => `${name}=${shellQuote(value)}\n`).join(''),
        },
        { name: 'identity.json', content: `${JSON.stringify(json, undefined, 2)}\n` },
      ];
    },
  };
}
