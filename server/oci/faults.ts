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
export function answerFault(status: number, text: string, url: string): RegistryError {
  const words = wordsOf(text);
  // docker-registry answers a full disk with 500 and the system's words.
  const full = /no space left|quota exceeded/i.test(text);
  const fault = full ? 'noSpace' : (faultOfStatus[status] ?? (status >= 500 ? 'server' : 'refused'));
  return new RegistryError(fault, `${url}: ${status} ${words}`.trim(), { status, words, url });
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

const tlsCodes = /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)|ALTNAME/;

/** What a broken connection means. Errors that are told already pass through. */
export function wireFault(error: unknown, url: string, signal?: AbortSignal): RegistryError {
  if (error instanceof RegistryError) return error;
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
