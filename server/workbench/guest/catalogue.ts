import { asc, eq } from 'drizzle-orm';
import type { Actor } from '../../access/actor';
import { newId } from '../../db/id';
import { Problem } from '../../problem';
import { builtInTools } from './built-in-tools';
import type { GuestPorts } from './ports';
import type { ToolInput } from './schemas';
import { tools } from './tables';

export type Tool = typeof tools.$inferSelect;

/** The tools that can be installed into VMs. */
export interface Catalogue {
  list(): Tool[];
  find(id: string): Tool | undefined;
  /** @throws Problem `not_found` */
  get(id: string): Tool;
  /** @throws Problem `forbidden` when the actor is no administrator */
  add(actor: Actor, input: ToolInput): Tool;
  /** @throws Problem `not_found`, `forbidden` also for a built-in tool */
  change(actor: Actor, id: string, input: ToolInput): Tool;
  /** @throws Problem `not_found`, `forbidden` also for a built-in tool */
  remove(actor: Actor, id: string): void;
}

/** Opens the catalogue and brings the built-in tools to this version's state. */
export function openCatalogue(ports: GuestPorts): Catalogue {
  const { db } = ports;
  const now = ports.now ?? Date.now;
  for (const { id, ...facts } of builtInTools) {
    const values = { ...facts, builtIn: true, updatedAt: now() };
    db.insert(tools)
      .values({ id, ...values })
      .onConflictDoUpdate({ target: tools.id, set: values })
      .run();
  }

  const find = (id: string) => db.select().from(tools).where(eq(tools.id, id)).get();
  const get = (id: string) => {
    const tool = find(id);
    if (!tool) throw new Problem('not_found', 'tools.errors.noTool');
    return tool;
  };
  const getOwn = (id: string) => {
    const tool = get(id);
    if (tool.builtIn) throw new Problem('forbidden', 'tools.errors.builtIn', { name: tool.nameEn });
    return tool;
  };
  const note = (actor: Actor, action: string, tool: Tool) => {
    ports.audit({ actor, action, subject: { type: 'tool', id: tool.id }, detail: { name: tool.nameEn } });
    ports.events.publish({ topic: 'tools', id: tool.id, audience: { role: 'developer' } });
  };
  // Scripts of the catalogue run as root in everybody's VMs.
  const requireAdmin = (actor: Actor) => {
    if (actor.role !== 'admin') throw new Problem('forbidden', 'access.errors.needsRole', { role: 'admin' });
  };

  return {
    list: () => db.select().from(tools).orderBy(asc(tools.nameEn)).all(),
    find,
    get,
    add(actor, input) {
      requireAdmin(actor);
      const row = { id: newId('tool'), ...input, builtIn: false, updatedAt: now() };
      const tool = db.insert(tools).values(row).returning().get();
      note(actor, 'tools.add', tool);
      return tool;
    },
    change(actor, id, input) {
      requireAdmin(actor);
      const old = getOwn(id);
      const values = { ...input, updatedAt: now() };
      const tool = db.update(tools).set(values).where(eq(tools.id, id)).returning().get() ?? old;
      note(actor, 'tools.change', tool);
      return tool;
    },
    remove(actor, id) {
      requireAdmin(actor);
      const tool = getOwn(id);
      db.delete(tools).where(eq(tools.id, id)).run();
      note(actor, 'tools.remove', tool);
    },
  };
}
