import { describe, expect, it } from 'vitest';
import { createVmForm, suggestName, toChoices, toInput, type CreateVmForm } from './create-form';

const form: CreateVmForm = {
  siteId: 'local',
  imageId: 'tiny',
  flavor: { id: 'nano' },
  network: { id: 'nat', forwards: [] },
  name: 'vm-1',
  sshKeys: '',
  userData: '',
  toolIds: [],
};

describe('the form that creates a VM', () => {
  it('takes keys one a line, and refuses what is none', () => {
    const keys = 'ssh-ed25519 AAAAC3Nz ada@example\n\n  ssh-rsa AAAAB3Nz\n';
    expect(toInput({ ...form, sshKeys: keys }).sshKeys).toEqual([
      'ssh-ed25519 AAAAC3Nz ada@example',
      'ssh-rsa AAAAB3Nz',
    ]);
    expect(createVmForm.safeParse({ ...form, sshKeys: 'my key' }).success).toBe(false);
    expect(createVmForm.safeParse({ ...form, sshKeys: '-----BEGIN OPENSSH PRIVATE KEY-----' }).success).toBe(
      false,
    );
  });

  it('holds user data to what a guest understands', () => {
    expect(createVmForm.safeParse({ ...form, userData: '#!/bin/sh\ntrue' }).success).toBe(true);
    expect(createVmForm.safeParse({ ...form, userData: '#cloud-config\n' }).success).toBe(true);
    expect(createVmForm.safeParse({ ...form, userData: 'apt install nginx' }).success).toBe(false);
    expect(toInput(form)).not.toHaveProperty('userData');
  });

  it('asks about what is valid so far', () => {
    expect(toChoices({})).toBeUndefined();
    expect(
      toChoices({ ...form, flavor: { vcpus: Number.NaN, memoryMiB: 1, diskGiB: 1 }, name: 'Not A Name' }),
    ).toEqual({
      siteId: 'local',
      imageId: 'tiny',
      network: { id: 'nat', forwards: [] },
    });
  });

  it('suggests a host name', () => {
    expect(suggestName('Camera Watch!', [])).toBe('camera-watch-1');
    expect(suggestName('Camera Watch!', ['camera-watch-1', 'camera-watch-2'])).toBe('camera-watch-3');
    expect(suggestName('园区', [])).toBe('vm-1');
  });
});
