import { describe, expect, it } from 'vitest';
import { isAddress, liesIn } from './address-range';

describe('fixed addresses', () => {
  it.each(['10.0.0.1', '255.255.255.255', '::', 'fe80::1', '2001:db8:0:0:0:0:0:1', '1::'])(
    'knows %s',
    (text) => {
      expect(isAddress(text)).toBe(true);
    },
  );

  it.each(['', '10.0.0', '10.0.0.256', '1:2', '1::2::3', '12345::', 'host', '1:2:3:4:5:6:7:8:9'])(
    'refuses "%s"',
    (text) => {
      expect(isAddress(text)).toBe(false);
    },
  );

  it('holds them to the ranges of the network', () => {
    expect(liesIn('10.77.1.9', ['10.77.1.0/24'])).toBe(true);
    expect(liesIn('10.77.2.9', ['10.77.1.0/24'])).toBe(false);
    expect(liesIn('10.77.2.9', ['fd00::/64', '10.77.0.0/16'])).toBe(true);
    expect(liesIn('fd00::5', ['fd00::/64'])).toBe(true);
    expect(liesIn('fd00:1::5', ['fd00::/64'])).toBe(false);
    expect(liesIn('10.1.2.3', [])).toBe(true);
    expect(liesIn('10.1.2.3', undefined)).toBe(true);
    expect(liesIn('nothing', undefined)).toBe(false);
  });
});
