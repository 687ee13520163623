import { describe, expect, it } from 'vitest';
import { faultOf, wireFault, wordsOf } from './faults';
import { serverFault } from './server-fault';

const refusal = (status: number, text: unknown, headers: Record<string, string> = {}) =>
  faultOf({
    service: 'compute',
    status,
    headers,
    text: typeof text === 'string' ? text : JSON.stringify(text),
  });

describe('the words of a refusal', () => {
  // As these services of Zed wrote them.
  it.each([
    [
      'nova',
      { itemNotFound: { code: 404, message: 'Instance x could not be found.' } },
      'Instance x could not be found.',
    ],
    [
      'neutron',
      { NeutronError: { type: 'PortNotFound', message: 'Port x could not be found.', detail: '' } },
      'Port x could not be found.',
    ],
    [
      'heat',
      {
        code: 403,
        title: 'Forbidden',
        explanation: 'Access was denied to this resource.',
        error: { type: 'HTTPForbidden', traceback: null, message: 'Only for the owner.' },
      },
      'Only for the owner.',
    ],
    [
      'keystone',
      {
        error: {
          code: 401,
          title: 'Unauthorized',
          message: 'The request you have made requires authentication.',
        },
      },
      'The request you have made requires authentication.',
    ],
    [
      'placement',
      {
        errors: [
          {
            status: 405,
            title: 'Method Not Allowed',
            detail: 'The method GET is not allowed.',
            request_id: 'r',
          },
        ],
      },
      'The method GET is not allowed.',
    ],
    [
      'glance',
      '<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n  No image found with ID &quot;x&quot;<br /><br />\n\n </body>\n</html>',
      'No image found with ID "x"',
    ],
    ['a load balancer', 'upstream connect error', 'upstream connect error'],
    ['nobody', '', ''],
  ])('of %s', (_service, body, words) => {
    expect(wordsOf(typeof body === 'string' ? body : JSON.stringify(body))).toBe(words);
  });

  it('are cut when there is no end to them', () => {
    expect(refusal(400, 'x'.repeat(10_000)).detail).toHaveLength(1501);
  });
});

describe('the meaning of a refusal', () => {
  it.each([
    [400, 'badRequest', 'invalid'],
    [403, 'forbidden', 'forbidden'],
    [404, 'notFound', 'not_found'],
    [409, 'conflict', 'conflict'],
    [410, 'notFound', 'not_found'],
    [413, 'tooLarge', 'too_large'],
    [429, 'rateLimited', 'too_many'],
    [500, 'serverError', 'failed'],
    [502, 'unavailable', 'unavailable'],
    [503, 'unavailable', 'unavailable'],
    [504, 'unavailable', 'unavailable'],
  ])('%d is %s', (status, key, code) => {
    expect(refusal(status, 'words')).toMatchObject({ key: `openstack.errors.${key}`, code, detail: 'words' });
  });

  it('413 with Retry-After is nova’s older word for too many requests', () => {
    expect(refusal(413, '', { 'retry-after': '5' }).key).toBe('openstack.errors.rateLimited');
  });

  it.each([
    [
      403,
      'Quota exceeded for cores, ram: Requested 2, 1024, but already used 10, 2048 of 10, 2048 cores, ram',
      { resource: 'cores', asked: 2, used: 10, limit: 10 },
    ],
    [
      403,
      'Quota exceeded for instances: Requested 1, but already used 10 of 10 instances',
      { resource: 'instances', asked: 1, used: 10, limit: 10 },
    ],
    [403, 'Quota exceeded, too many key pairs.', { resource: 'keyPairs' }],
    [403, 'Maximum number of metadata items exceeds 1', { resource: 'metadata' }],
    [403, 'Maximum number of ports exceeded', { resource: 'ports' }],
    [409, "Quota exceeded for resources: ['port'].", { resource: 'ports' }],
    [409, "Quota exceeded for resources: ['security_group_rule'].", { resource: 'securityGroupRules' }],
    [409, "Quota exceeded for resources: ['security_group'].", { resource: 'securityGroups' }],
    [409, "Quota exceeded for resources: ['floatingip'].", { resource: 'floatingIps' }],
    [413, 'Denying attempt to upload image because it exceeds the quota: 100', { resource: 'images' }],
    [403, 'You have reached the maximum stacks per tenant, 100.', { resource: 'stacks' }],
  ])('%d “%s” is a quota', (status, words, params) => {
    const problem = refusal(status, words);
    expect(problem.key).toBe(`openstack.errors.${'asked' in params ? 'quotaAmount' : 'quota'}`);
    expect(problem).toMatchObject({ code: 'conflict', params, detail: words });
  });
});

describe('a refusal that would otherwise come later, as a server in ERROR', () => {
  it.each([
    [400, "Flavor's memory is too small for requested image.", 'flavorTooSmall'],
    [400, 'Fixed IP address 10.77.1.9 is already in use on instance 1.', 'addressTaken'],
    [409, 'IP address 10.77.1.9 already allocated in subnet 1', 'addressTaken'],
    [409, 'No more IP addresses available on network 1.', 'noAddressLeft'],
    [400, 'Image 1 could not be found.', 'badRequest'],
  ])('%d “%s”', (status, words, key) => {
    expect(refusal(status, words)).toMatchObject({ key: `openstack.errors.${key}`, detail: words });
  });
});

describe('the meaning of a broken connection', () => {
  const fault = (code: string) =>
    wireFault(Object.assign(new Error('words'), { code }), {
      service: 'image',
      url: 'https://cloud.example:9292/v2/images',
      timeoutMs: 1500,
    });

  it.each([
    ['ENOTFOUND', 'dns', 'never'],
    ['EAI_AGAIN', 'dns', 'unsent'],
    ['ECONNREFUSED', 'refused', 'unsent'],
    ['EHOSTUNREACH', 'noRoute', 'unsent'],
    ['UND_ERR_CONNECT_TIMEOUT', 'connectTimeout', 'never'],
    ['UND_ERR_HEADERS_TIMEOUT', 'timeout', 'never'],
    ['UND_ERR_BODY_TIMEOUT', 'timeout', 'never'],
    ['ECONNRESET', 'cut', 'cut'],
    ['UND_ERR_SOCKET', 'cut', 'cut'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'tlsUnknownAuthority', 'never'],
    ['CERT_HAS_EXPIRED', 'tlsExpired', 'never'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tlsName', 'never'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tls', 'never'],
    ['HPE_INVALID_CONSTANT', 'notHttp', 'never'],
  ])('%s is %s', (code, key, again) => {
    expect(fault(code)).toMatchObject({ error: { key: `openstack.errors.${key}`, detail: 'words' }, again });
  });

  it('is TLS’s where the other side hangs up on its greeting', () => {
    const words = 'Client network socket disconnected before secure TLS connection was established';
    const error = Object.assign(new Error(words), { code: 'ECONNRESET' });
    expect(wireFault(error, { service: 'image', url: 'https://x' })).toMatchObject({
      error: { key: 'openstack.errors.tlsCut', params: { host: 'x' } },
    });
  });

  it('is not made up for a fault of our own', () => {
    const error = new TypeError('undefined is not a function');
    expect(wireFault(error, { service: 'image', url: 'http://x' })).toEqual({ error, again: 'never' });
  });
});

describe('the fault of a server', () => {
  it.each([
    ['No valid host was found. There are not enough hosts available.', 'noValidHost', 'noValidHost'],
    [
      'Exceeded maximum number of retries. Exhausted all hosts available for retrying build failures for instance 1.',
      'noValidHost',
      'hostsExhausted',
    ],
    ['Virtual Interface creation failed', 'networkFault', 'portNotBound'],
    [
      'Build of instance 1 aborted: Failed to allocate the network(s), not rescheduling.',
      'networkFault',
      'portNotBound',
    ],
    ['No more IP addresses available on network 1.', 'networkFault', 'noAddressLeft'],
    ['Image 1 could not be found.', 'imageFault', 'imageFault'],
    ['Image 1 is unacceptable: Image has a backing file', 'imageFault', 'imageUnfit'],
    ["Flavor's disk is too small for requested image.", 'imageFault', 'flavorTooSmall'],
    ['Quota exceeded for cores: Requested 1, but already used 2 of 2 cores', 'quotaExceeded', 'quotaAmount'],
    ['Timed out waiting for a reply to message ID 1', 'cloudFault', 'cloudBusy'],
    ['internal error: process exited while connecting to monitor', 'cloudFault', 'hypervisorFault'],
    ['Something new', 'cloudFault', 'cloudFault'],
  ])('“%s”', (message, reason, key) => {
    const found = serverFault({ code: 500, message });
    expect(found).toMatchObject({ reason, problem: { key: `openstack.errors.${key}`, detail: message } });
  });

  it('is read from the traceback where the message says nothing', () => {
    const details = 'Traceback:\n  File x\nnova.exception.PortBindingFailed: Binding failed for port 1';
    expect(serverFault({ message: 'Build of instance 1 aborted', details }).reason).toBe('networkFault');
    expect(serverFault(undefined)).toMatchObject({ reason: 'cloudFault', problem: { detail: undefined } });
  });
});
