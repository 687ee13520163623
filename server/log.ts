import pino, { type Logger } from 'pino';

export type Log = Logger;

/**
 * The process log: JSON lines on standard error. Keys that carry secrets are blanked, wherever they stand.
 *
 * @param level least level that is written
 */
export function openLog(level: string): Log {
  const secret = [
    'password',
    'token',
    'secret',
    'privateKey',
    'authorization',
    'cookie',
    'ticket',
    'clientSecret',
  ];
  return pino(
    {
      level,
      redact: { paths: secret.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[hidden]' },
    },
    pino.destination(2),
  );
}
