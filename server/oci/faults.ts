import { RegistryError, type RegistryFault } from './oci';

const faultOfStatus: Record<number, RegistryFault> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'notFound',
  405: 'unsupported',
  413: 'tooLarge',
  429: 'tooMany',
  507: 'noSpace',
};

/** Errors whose cause may have gone a moment later. */
export const mayPass = (error: RegistryError) =>
  ['unreachable', 'timeout', 'cut', 'tooMany'].includes(error.fault) ||
  (error.fault === 'server' && error.facts.status !== 501);

/**
 * What an answer that is no success means.
 *
 * @param text its body, or the beginning of it
 */
export function answerFault(status: number, text: string, address: string): RegistryError {
  const words = wordsOf(text);
  const url = withoutQuery(address);
  const fault = faultOfText(status, text) ?? faultOfStatus[status] ?? (status >= 500 ? 'server' : 'refused');
  return new RegistryError(fault, `${url}: ${status} ${words}`.trim(), { status, words, url });
}

function faultOfText(status: number, text: string): RegistryFault | undefined {
  // docker-registry answers a full disk with 500 and the system's words, or its error number (ENOSPC, EDQUOT).
  if (status >= 500 && /no space left|quota exceeded|"Err":\s*(?:28|122)\b/i.test(text)) return 'noSpace';
  if (status >= 400 && status < 500 && /"DIGEST_INVALID"/.test(text)) return 'wrongDigest';
  if (/"UNSUPPORTED"/.test(text)) return 'unsupported';
  if (status !== 401 && /"DENIED"/.test(text)) return 'forbidden';
  return undefined;
}

/** The address without its query: that may hold a signature that lets anybody in, or an upload's state. */
export function withoutQuery(address: string): string {
  return address.replace(/[?#].*$/s, '');
}

/** The registry's own error list as text (distribution specification, "Error Codes"), or the text as it came. */
function wordsOf(text: string): string {
  try {
    const { errors } = JSON.parse(text) as {
      errors?: { code?: string; message?: string; detail?: unknown }[];
    };
    const said = errors?.map(({ code, message }) => [code, message].filter(Boolean).join(': '));
    if (said && said.length > 0) return said.join('; ').slice(0, 500);
  } catch {
    // Not the specification's form: a proxy's page, say.
  }
  return text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300);
}

const tlsCodes = /CERT|SSL|TLS|EPROTO|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)|ALTNAME/;

/** What a broken connection means. Errors that are told already pass through. */
export function wireFault(error: unknown, address: string, signal?: AbortSignal): RegistryError {
  if (error instanceof RegistryError) return error;
  const url = withoutQuery(address);
  if (signal?.aborted) return new RegistryError('cancelled', 'cancelled', { url }, error);
  const { code, message } = codeOf(error);
  const fault = faultOfCode(code);
  return new RegistryError(fault, `${url}: ${message}`, { url, words: message }, error);
}

function faultOfCode(code: string): RegistryFault {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAI_NODATA') return 'dns';
  if (/TIMEOUT|ETIMEDOUT/.test(code)) return 'timeout';
  if (tlsCodes.test(code)) return 'tls';
  if (/ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL/.test(code)) return 'unreachable';
  // Bytes that are no HTTP at all (undici's parser), or headers without end.
  if (/^HPE_|UND_ERR_HEADERS_OVERFLOW/.test(code)) return 'notARegistry';
  return 'cut';
}

function codeOf(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: '', message: String(error) };
  // Node tries every address of a name and reports them as one.
  const inner = error instanceof AggregateError ? (error.errors[0] as unknown) : undefined;
  if (inner instanceof Error) return codeOf(inner);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return { code, message: error.message || code };
}
