import { describe, expect, it } from 'vitest';
import { fits, labelChoices, noFilter, readFilter, writeFilter } from './edge-filter';

const edge = (change: object = {}) => ({
  name: 'Hamburg north',
  kind: 'kubernetes' as const,
  enabled: true,
  labels: { region: 'north', gpu: '' },
  place: { address: 'Speicherstadt', latitude: 53.5, longitude: 10 },
  health: { state: 'well' as const },
  ...change,
});

describe('the filter of edges', () => {
  it('asks for every word, in name, address and labels', () => {
    expect(fits(edge(), { ...noFilter, q: 'north ham' })).toBe(true);
    expect(fits(edge(), { ...noFilter, q: 'speicher gpu' })).toBe(true);
    expect(fits(edge(), { ...noFilter, q: 'munich' })).toBe(false);
  });

  it('knows labels with and without a value', () => {
    expect(fits(edge(), { ...noFilter, label: 'region=north' })).toBe(true);
    expect(fits(edge(), { ...noFilter, label: 'region' })).toBe(true);
    expect(fits(edge(), { ...noFilter, label: 'gpu' })).toBe(true);
    expect(fits(edge(), { ...noFilter, label: 'region=south' })).toBe(false);
    expect(labelChoices([edge(), edge({ labels: { gpu: '' } })])).toEqual(['gpu', 'region=north']);
  });

  it('counts an edge that is switched off as off, however it stood', () => {
    expect(fits(edge({ enabled: false }), { ...noFilter, health: 'well' })).toBe(false);
    expect(fits(edge({ enabled: false }), { ...noFilter, health: 'off' })).toBe(true);
    expect(fits(edge({ place: null }), { ...noFilter, noPlace: true })).toBe(true);
  });

  it('lives in the address', () => {
    const filter = {
      q: 'a b',
      kind: 'docker' as const,
      health: 'unwell' as const,
      label: 'x=1',
      noPlace: true,
    };
    expect(readFilter(new URLSearchParams(writeFilter(filter)))).toEqual(filter);
    expect(writeFilter(noFilter)).toBe('');
    expect(readFilter(new URLSearchParams('kind=toaster&health=fine'))).toEqual(noFilter);
  });
});
