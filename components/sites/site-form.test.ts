import { describe, expect, it } from 'vitest';
import { emptySiteForm, loginOf, ruleOf, siteForm, type SiteForm } from './site-form';

const filled: SiteForm = {
  ...emptySiteForm,
  name: 'Campus cloud',
  config: {
    ...emptySiteForm.config,
    authUrl: 'https://cloud.example:5000/v3',
    userName: 'ada',
    projectName: 'lab',
  },
  secret: 'secret of the cloud',
};

/** The rules a form breaks, by field. */
function broken(form: SiteForm): Record<string, string> {
  const { error } = siteForm.safeParse(form, { error: ruleOf });
  return Object.fromEntries((error?.issues ?? []).map(({ path, message }) => [path.join('.'), message]));
}

describe('the form of a site', () => {
  it('takes a password login', () => {
    expect(broken(filled)).toEqual({});
  });

  it('asks for what its way to sign in needs, and for nothing else', () => {
    expect(broken({ ...filled, config: { ...filled.config, userName: ' ', projectName: '' } })).toEqual({
      'config.userName': 'required',
      'config.projectName': 'required',
    });
    const credential = {
      ...emptySiteForm.config,
      authUrl: filled.config.authUrl,
      method: 'applicationCredential' as const,
    };
    expect(broken({ ...filled, config: credential })).toEqual({ 'config.credentialId': 'required' });
    expect(broken({ ...filled, config: { ...credential, credentialId: 'ac1' } })).toEqual({});
  });

  it('keeps the stored secret when the field is empty, and asks for one where none is stored', () => {
    expect(broken({ ...filled, secret: '' })).toEqual({ secret: 'required' });
    expect(broken({ ...filled, secret: '', stored: true })).toEqual({});
    expect(loginOf({ ...filled, secret: '', stored: true })).not.toHaveProperty('secret');
    expect(loginOf(filled)).toHaveProperty('secret', 'secret of the cloud');
  });

  it('takes web addresses and whole certificates only', () => {
    expect(broken({ ...filled, config: { ...filled.config, authUrl: 'cloud.example' } })).toEqual({
      'config.authUrl': 'authUrl',
    });
    expect(
      broken({ ...filled, config: { ...filled.config, ca: '-----BEGIN CERTIFICATE-----\nabc' } }),
    ).toEqual({
      'config.ca': 'pem',
    });
    expect(broken({ ...filled, name: '' })).toEqual({ name: 'name' });
  });
});
