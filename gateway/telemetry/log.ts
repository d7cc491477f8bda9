// Owns the log: JSON lines on stderr, with nothing secret in them.
import { type DestinationStream, destination, type Logger, pino } from 'pino';

export type Log = Logger;

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Names that hold secrets, keys or transaction bytes wherever they stand in what is logged, two levels deep. */
const SECRET_NAMES = [
  'authorization',
  'secret',
  'secretHash',
  'secret_hash',
  'password',
  'passphrase',
  'apiKey',
  'api_key',
  'privateKey',
  'private_key',
  'key',
  'seed',
  'token',
  'databaseUrl',
  'database_url',
  'connectionString',
  'transaction',
  'signedTransaction',
  'signed_transaction',
  'wireTransaction',
  'messageBytes',
  'received',
];

// An API key, and the password of a URL, wherever they stand in a text.
const API_KEY = /csk_([0-9a-f]{16})_[A-Za-z0-9_-]{43}/g;
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/?#@]*):[^\s@/]+@/gi;

/** `to`: for tests; stderr otherwise. */
export function createLog(level: LogLevel, to: DestinationStream = destination({ fd: 2, sync: true })): Log {
  return pino(
    {
      level,
      base: { service: 'countersign' },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
        censor: '[redacted]',
      },
    },
    { write: (line: string) => to.write(withoutSecrets(line)) },
  );
}

/** The same text with API keys and URL passwords cut out. */
export function withoutSecrets(text: string): string {
  return text.replace(API_KEY, 'csk_$1_[redacted]').replace(URL_PASSWORD, '$1:[redacted]@');
}
