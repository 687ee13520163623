import { describe, expect, it } from 'vitest';
import { changeOf, placeForm, placeFormOf } from './place-form';

const empty = { address: '', latitude: '', longitude: '', labels: '' };
const broken = (form: object) =>
  placeForm.safeParse({ ...empty, ...form }).error?.issues.map(({ path }) => path.join('.')) ?? [];

describe('the form of a place', () => {
  it('gives back what it was made of', () => {
    const edge = {
      place: { address: 'Pier 3', latitude: -33.9, longitude: 18.42 },
      labels: { region: 'cape', gpu: '' },
    };
    expect(changeOf(placeFormOf(edge))).toEqual(edge);
    expect(changeOf(placeFormOf({ place: null, labels: {} }))).toEqual({ place: null, labels: {} });
  });

  it('takes a comma for a point, and wants both coordinates or none', () => {
    expect(changeOf({ ...empty, latitude: ' 48,1 ', longitude: '11.6' }).place).toMatchObject({
      latitude: 48.1,
    });
    expect(broken({ latitude: '48' })).toEqual(['longitude']);
    expect(broken({ longitude: '11' })).toEqual(['latitude']);
    expect(broken({ latitude: 'north', longitude: '181' })).toEqual(['latitude', 'longitude']);
  });

  it('holds labels to the rule of the server', () => {
    expect(broken({ labels: 'region = north\n\n gpu' })).toEqual([]);
    expect(broken({ labels: 'two words=x' })).toEqual(['labels']);
  });
});
