import { randomBytes } from 'node:crypto';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * A new random identifier, sortable by time: 48 bits of milliseconds, then 80 random bits, in Crockford's base 32
 * (the ULID layout in lower case), behind a prefix that names the thing.
 *
 * @param prefix short word of the kind of thing, `vm` or `job` say
 * @param now milliseconds since 1970
 */
export function newId(prefix: string, now = Date.now()): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(now, 0, 6);
  randomBytes(10).copy(bytes, 6);
  let value = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  for (let i = 0; i < 26; i += 1) {
    text = alphabet[Number(value & 31n)] + text;
    value >>= 5n;
  }
  return `${prefix}_${text}`;
}
