/** An IP address as a number with its width in bits; undefined for what is none. */
function parse(text: string): { value: bigint; bits: 32 | 128 } | undefined {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) {
    const bytes = text.split('.').map(Number);
    if (bytes.some((byte) => byte > 255)) return undefined;
    return { value: bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n), bits: 32 };
  }
  if (!/^[0-9a-f:]+$/i.test(text) || !text.includes(':')) return undefined;
  const [head = '', tail, more] = text.split('::');
  if (more !== undefined) return undefined;
  const words = (part: string) => (part === '' ? [] : part.split(':'));
  const [before, after] = [words(head), words(tail ?? '')];
  const gap = 8 - before.length - after.length;
  if (tail === undefined ? gap !== 0 : gap < 1) return undefined;
  const all = [...before, ...Array.from({ length: tail === undefined ? 0 : gap }, () => '0'), ...after];
  if (all.some((word) => !/^[0-9a-f]{1,4}$/i.test(word))) return undefined;
  return { value: all.reduce((sum, word) => (sum << 16n) | BigInt(`0x${word}`), 0n), bits: 128 };
}

/** Whether a text is an IPv4 or IPv6 address. */
export function isAddress(text: string): boolean {
  return parse(text) !== undefined;
}

/**
 * Whether an address lies in one of a network's ranges.
 *
 * @param ranges in CIDR form; a network that tells none takes every address
 */
export function liesIn(address: string, ranges: readonly string[] | undefined): boolean {
  const ip = parse(address);
  if (!ip) return false;
  if (ranges === undefined || ranges.length === 0) return true;
  return ranges.some((range) => {
    const [start = '', length = ''] = range.split('/');
    const base = parse(start);
    if (!base || base.bits !== ip.bits) return false;
    const shift = BigInt(ip.bits - Number(length));
    return ip.value >> shift === base.value >> shift;
  });
}
