import { Problem } from '../problem';
import type { WorkbenchPorts } from './ports';
import { requireGate } from './vm-gates';
import type { VmRow } from './vm-rows';

/** A picture younger than this is given again: a page with many VMs, open in many tabs, costs each VM one at a time. */
const freshMs = 4000;

export interface Picture {
  png: Buffer;
  /** When it was taken, milliseconds since 1970. */
  at: number;
}

/** Pictures of VMs' screens, through the site's own means and never by a second VNC session. */
export function openScreens({ sites, now = Date.now }: WorkbenchPorts) {
  const taken = new Map<string, { at: number; picture: Promise<Picture> }>();

  return {
    /** @throws Problem `conflict` when the VM has no picture now, `unavailable` when the site makes none */
    async screen(row: VmRow): Promise<Picture> {
      requireGate('screen', row);
      const { screens } = sites.get(row.siteId);
      if (!screens) throw new Problem('unavailable', 'sites.missing.screens');
      const { siteRef } = row;
      if (siteRef === null) throw new Problem('conflict', 'workbench.errors.neverMade', { name: row.name });
      const last = taken.get(row.id);
      if (last && now() - last.at < freshMs) return last.picture;
      const at = now();
      const picture = screens.screenshot(siteRef).then((png) => ({ png, at }));
      taken.set(row.id, { at, picture });
      // A failed one must not be given again.
      picture.catch(() => taken.delete(row.id));
      return picture;
    },
    forget: (vmId: string) => void taken.delete(vmId),
  };
}
