import type { Log } from '../../log';
import { Problem } from '../../problem';
import type { ImageLibrary } from '../image-library';
import type { SiteKindDefinition } from '../site-kind';
import { examineCloud } from './examine';
import { readLogins } from './import-login';

/**
 * OpenStack as a kind of site that administrators can add.
 *
 * @param parts what every site of the kind needs beside its login
 */
export function openStackKind(_parts: { library: ImageLibrary; log: Log }): SiteKindDefinition {
  return {
    open: () => {
      throw new Problem('unavailable', 'sites.errors.noAdapter');
    },
    examine: (login, secret, signal) => examineCloud({ login, secret }, signal),
    readLogins,
  };
}
