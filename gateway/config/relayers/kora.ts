// Owns the `kora` entry of the relayers.
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { unreadable } from '../file-checks.ts';
import type { KeyPath } from '../problem.ts';
import { resolveSecret, type SecretConfig } from '../resolve-secret.ts';
import { address, environmentVariable, milliseconds, name, path, text } from '../schema-parts.ts';
import type { SectionReader } from '../section-reader.ts';
import { RPC_URL } from '../url-secrets.ts';

export const koraRelayerSchema = z.strictObject({
  name: name.describe('What wallets call it.'),
  type: z.literal('kora').describe('An external Kora pays the fees; another relayer sends.'),
  urls: z
    .array(text)
    .min(1)
    .max(8)
    .describe('URLs of Koras that hold the key of the same fee payer. The next is asked where one is away.'),
  relayer: name.describe('Name of the `rpc` relayer that sends.'),
  fee_payer: address
    .optional()
    .describe('Address that pays. Absent: the one that the Kora names. Give it where the Kora has several signers.'),
  api_key_file: path.optional().describe('File that holds what is sent as `x-api-key`. This, `api_key_env` or none.'),
  api_key_env: environmentVariable.optional().describe('Name of the environment variable that holds the API key.'),
  hmac_secret_file: path
    .optional()
    .describe(
      'File that holds the secret by which calls are signed (`x-hmac-signature`). This, `hmac_secret_env` or none.',
    ),
  hmac_secret_env: environmentVariable
    .optional()
    .describe('Name of the environment variable that holds the HMAC secret.'),
  ca_file: path
    .optional()
    .describe('PEM file of the authorities that may sign for the Koras. Absent: those of the system.'),
  timeout_ms: milliseconds(50, 60_000).default(2_000).describe('How long one call of a Kora may take.'),
  on_outage: z
    .enum(['fail', 'wait'])
    .default('fail')
    .describe(
      'What is done where no Kora of `urls` answers: `fail` at once, or `wait` and ask again as long as `limits.signer_timeout_ms` allows.',
    ),
  max_in_flight: z
    .int()
    .min(1)
    .max(10_000)
    .default(64)
    .describe('Transactions that the Kora is asked to sign at once; the next are refused as FEE_PAYER_UNAVAILABLE.'),
});

export interface KoraRelayerConfig {
  readonly kind: 'kora';
  readonly name: string;
  readonly urls: readonly [string, ...string[]];
  /** Name of the relayer that sends. */
  readonly sender: string;
  /** Base58; `null`: the one that the Kora names. */
  readonly feePayer: string | null;
  readonly apiKey: SecretConfig | null;
  readonly hmacSecret: SecretConfig | null;
  /** PEM text; `null`: the authorities of the system. */
  readonly ca: string | null;
  readonly timeoutMs: number;
  readonly onOutage: 'fail' | 'wait';
  readonly maxInFlight: number;
}

type KoraEntry = z.output<typeof koraRelayerSchema>;

export async function resolveKoraRelayer(
  reader: SectionReader,
  at: KeyPath,
  entry: KoraEntry,
): Promise<KoraRelayerConfig | undefined> {
  const [first, ...others] = checkedUrls(reader, at, entry.urls);
  const { api_key_file, api_key_env, hmac_secret_file, hmac_secret_env } = entry;
  const apiKey = await secretOrNone(reader, at, 'api_key', api_key_file, api_key_env);
  const hmacSecret = await secretOrNone(reader, at, 'hmac_secret', hmac_secret_file, hmac_secret_env);
  const ca = entry.ca_file === undefined ? null : await authorities(reader, [...at, 'ca_file'], entry.ca_file);
  if (first === undefined || apiKey === undefined || hmacSecret === undefined || ca === undefined) return undefined;
  return {
    kind: 'kora',
    name: entry.name,
    urls: [first, ...others],
    sender: entry.relayer,
    feePayer: entry.fee_payer ?? null,
    apiKey,
    hmacSecret,
    ca,
    timeoutMs: entry.timeout_ms,
    onOutage: entry.on_outage,
    maxInFlight: entry.max_in_flight,
  };
}

/** Those that can be used. */
function checkedUrls(reader: SectionReader, at: KeyPath, urls: readonly string[]): readonly string[] {
  return urls.filter((url, n) => {
    const path = [...at, 'urls', n];
    if (urls.indexOf(url) < n) return reader.refuse(path, 'stands in this list before; it must be there once');
    if (RPC_URL.problem(url) !== null) return reader.refuse(path, 'is not a URL of the kind https://kora.example.com');
    if (RPC_URL.holdsSecret(url)) {
      return reader.refuse(path, 'must not hold a user, a password or a query; credentials go into api_key_file');
    }
    return true;
  });
}

/** `null`: none is given. */
async function secretOrNone(
  reader: SectionReader,
  at: KeyPath,
  key: string,
  file: string | undefined,
  variable: string | undefined,
): Promise<SecretConfig | null | undefined> {
  if (file === undefined && variable === undefined) return null;
  return resolveSecret(reader, at, { key, file, variable });
}

async function authorities(reader: SectionReader, path: KeyPath, file: string): Promise<string | undefined> {
  const absolute = reader.absolute(path, file);
  const problem = await unreadable(absolute);
  return problem === null ? readFile(absolute, 'utf8') : reader.refuse(path, problem);
}
