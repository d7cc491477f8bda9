// Owns the resolution of what the gateway stands on: database, chain, signers, relayers, and the wallets that name them.
import type { ChainConfig, DatabaseConfig, RelayerConfig, SignerConfig, WalletConfig } from './config.ts';
import { absent } from './file-checks.ts';
import type { FileConfig } from './file-schema.ts';
import type { KeyPath } from './problem.ts';
import { Secret } from './secret.ts';
import type { SectionReader } from './section-reader.ts';
import { POSTGRES_URL, RPC_URL, resolveUrl } from './url-secrets.ts';

export async function resolveDatabase(
  reader: SectionReader,
  { url, url_file, embedded, ...section }: FileConfig['database'],
): Promise<DatabaseConfig | undefined> {
  const limits = {
    poolSize: section.pool_size,
    connectTimeoutMs: section.connect_timeout_ms,
    statementTimeoutMs: section.statement_timeout_ms,
    lockTimeoutMs: section.lock_timeout_ms,
  };
  if (embedded === undefined) {
    if (url === undefined && url_file === undefined) {
      return reader.refuse(
        ['database'],
        'needs one of url, url_file and embedded, or the environment variable DATABASE_URL',
      );
    }
    const secret = await resolveUrl(reader, POSTGRES_URL, { at: ['database'], key: 'url', value: url, file: url_file });
    return secret === undefined ? undefined : { kind: 'url', url: secret, limits };
  }
  if (url !== undefined || url_file !== undefined) {
    return reader.refuse(
      ['database', url === undefined ? 'url_file' : 'url'],
      'names a Postgres, but the file asks for an embedded one (database.embedded); take one of the two away',
    );
  }
  const path = ['database', 'embedded', 'data_directory'];
  return { kind: 'embedded', dataDirectory: reader.absolute(path, embedded.data_directory), limits };
}

export async function resolveChain(
  reader: SectionReader,
  { rpc_url, rpc_url_file, verify_rpc_url, verify_rpc_url_file, timeout_ms }: FileConfig['chain'],
): Promise<ChainConfig | undefined> {
  const at = ['chain'];
  const rpcUrl = await resolveUrl(reader, RPC_URL, { at, key: 'rpc_url', value: rpc_url, file: rpc_url_file });
  const second = { at, key: 'verify_rpc_url', value: verify_rpc_url, file: verify_rpc_url_file };
  const isGiven = verify_rpc_url !== undefined || verify_rpc_url_file !== undefined;
  const verifyRpcUrl = isGiven ? await resolveUrl(reader, RPC_URL, second) : null;
  if (rpcUrl === undefined || verifyRpcUrl === undefined) return undefined;
  if (verifyRpcUrl !== null && sameHost(rpcUrl, verifyRpcUrl)) {
    const path = [...at, verify_rpc_url === undefined ? 'verify_rpc_url_file' : 'verify_rpc_url'];
    return reader.refuse(
      path,
      'is at the host of chain.rpc_url, which would agree with itself; name a node of another operator',
    );
  }
  return { rpcUrl, verifyRpcUrl, timeoutMs: timeout_ms };
}

function sameHost(url: Secret, other: Secret): boolean {
  return URL.parse(url.reveal())?.host === URL.parse(other.reveal())?.host;
}

export async function resolveSigners(
  reader: SectionReader,
  signers: FileConfig['signers'],
): Promise<readonly SignerConfig[] | undefined> {
  refuseRepeats(
    reader,
    'signers',
    'name',
    signers.map(({ name }) => name),
  );
  const keystores = signers.map(({ keystore_file }, n) =>
    reader.absolute(['signers', n, 'keystore_file'], keystore_file),
  );
  refuseRepeats(reader, 'signers', 'keystore_file', keystores);
  return allOf(signers, async ({ name, passphrase_file, passphrase_env, allow_mainnet }, n) => {
    const keystoreFile = keystores[n] ?? '';
    reader.note(['signers', n, 'keystore_file'], await absent(keystoreFile));
    const passphrase = await resolvePassphrase(reader, ['signers', n], passphrase_file, passphrase_env);
    if (passphrase === undefined) return undefined;
    return { kind: 'local-keypair', name, keystoreFile, passphrase, allowMainnet: allow_mainnet };
  });
}

async function resolvePassphrase(
  reader: SectionReader,
  at: KeyPath,
  file: string | undefined,
  variable: string | undefined,
): Promise<Secret | undefined> {
  if (file !== undefined && variable !== undefined) {
    return reader.refuse([...at, 'passphrase_file'], 'give passphrase_file or passphrase_env, not both');
  }
  if (file !== undefined) return reader.secretFrom([...at, 'passphrase_file'], file);
  if (variable === undefined) return reader.refuse(at, 'needs passphrase_file or passphrase_env');
  const value = reader.env[variable];
  if (value) return new Secret(value);
  return reader.refuse([...at, 'passphrase_env'], `the environment variable ${variable} is not set`);
}

export async function resolveRelayers(
  reader: SectionReader,
  relayers: FileConfig['relayers'],
): Promise<readonly RelayerConfig[] | undefined> {
  refuseRepeats(
    reader,
    'relayers',
    'name',
    relayers.map(({ name }) => name),
  );
  return allOf(relayers, async ({ name, url, url_file, skip_preflight }, n) => {
    const secret = await resolveUrl(reader, RPC_URL, { at: ['relayers', n], key: 'url', value: url, file: url_file });
    return secret === undefined ? undefined : { kind: 'rpc', name, url: secret, skipPreflight: skip_preflight };
  });
}

/** `signers` and `relayers`: `undefined` where that section could not be read; then nothing can be said of names in it. */
export function resolveWallets(
  reader: SectionReader,
  wallets: FileConfig['wallets'],
  signers: FileConfig['signers'] | undefined,
  relayers: FileConfig['relayers'] | undefined,
): readonly WalletConfig[] {
  refuseRepeats(
    reader,
    'wallets',
    'id',
    wallets.map(({ id }) => id),
  );
  // Two names for one key would give it the limits of both.
  refuseRepeats(
    reader,
    'wallets',
    'signer',
    wallets.map(({ signer }) => signer),
  );
  for (const [n, { signer, relayer }] of wallets.entries()) {
    refuseUnknown(reader, ['wallets', n, 'signer'], signer, signers);
    refuseUnknown(reader, ['wallets', n, 'relayer'], relayer, relayers);
  }
  return wallets;
}

function refuseUnknown(
  reader: SectionReader,
  path: KeyPath,
  name: string,
  known: readonly { readonly name: string }[] | undefined,
): void {
  if (known === undefined || known.some((entry) => entry.name === name)) return;
  reader.refuse(
    path,
    `there is no ${String(path.at(-1))} ${name}; there are ${known.map((entry) => entry.name).join(', ')}`,
  );
}

function refuseRepeats(reader: SectionReader, section: string, key: string, values: readonly string[]): void {
  for (const [n, value] of values.entries()) {
    const first = values.indexOf(value);
    if (first < n) reader.refuse([section, n, key], `is that of ${section}[${first}] too; it must be of one only`);
  }
}

/** `undefined` where one of them is. */
async function allOf<T, R>(
  entries: readonly T[],
  resolve: (entry: T, index: number) => Promise<R | undefined>,
): Promise<readonly R[] | undefined> {
  const resolved = (await Promise.all(entries.map(resolve))).filter((entry) => entry !== undefined);
  return resolved.length === entries.length ? resolved : undefined;
}
