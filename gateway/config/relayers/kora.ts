// Owns the `kora` entry of the relayers.
import * as z from 'zod';
import type { KeyPath } from '../problem.ts';
import { resolveSecret, type SecretConfig } from '../resolve-secret.ts';
import { address, environmentVariable, milliseconds, name, path, text } from '../schema-parts.ts';
import type { SectionReader } from '../section-reader.ts';
import { checkedServiceUrl } from '../service-url.ts';
import { resolveServiceTls, type ServiceTls, serviceTlsKeys } from '../signers/service-tls.ts';

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
  ...serviceTlsKeys,
  allow_plain_http: z
    .boolean()
    .default(false)
    .describe(
      'Call a Kora off this machine by http: who is on the way reads the API key, and an HMAC for five minutes.',
    ),
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
  readonly tls: ServiceTls;
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
  const [first, ...others] = checkedUrls(reader, at, entry);
  const apiKey = await secretOrNone(reader, at, 'api_key', entry.api_key_file, entry.api_key_env);
  const hmacSecret = await secretOrNone(reader, at, 'hmac_secret', entry.hmac_secret_file, entry.hmac_secret_env);
  const tls = await resolveServiceTls(reader, at, entry);
  if (first === undefined || apiKey === undefined || hmacSecret === undefined || tls === undefined) return undefined;
  return {
    kind: 'kora',
    name: entry.name,
    urls: [first, ...others],
    sender: entry.relayer,
    feePayer: entry.fee_payer ?? null,
    apiKey,
    hmacSecret,
    tls,
    timeoutMs: entry.timeout_ms,
    onOutage: entry.on_outage,
    maxInFlight: entry.max_in_flight,
  };
}

/** Those that can be used. */
function checkedUrls(reader: SectionReader, at: KeyPath, { urls, allow_plain_http }: KoraEntry): readonly string[] {
  return urls.filter((url, n) => {
    const path = [...at, 'urls', n];
    if (urls.indexOf(url) < n) return reader.refuse(path, 'stands in this list before; it must be there once');
    const judged = allow_plain_http ? url.replace(/^http:/i, 'https:') : url;
    return checkedServiceUrl(reader, path, judged, 'https://kora.example.com') !== undefined;
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
  return file === undefined && variable === undefined ? null : resolveSecret(reader, at, { key, file, variable });
}
