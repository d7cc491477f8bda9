// Owns the resolution of what the gateway stands on: database, chain, signers, relayers, and the wallets that name them.
import type { ChainConfig, DatabaseConfig, WalletConfig } from './config.ts';
import type { FileConfig } from './file-schema.ts';
import { resolveOrLack } from './lacking-entry.ts';
import type { KeyPath } from './problem.ts';
import { type LackingRelayer, lackingRelayer } from './relayers/lacking-relayer.ts';
import { type RelayerConfig, resolveRelayer } from './relayers/relayers.ts';
import { refuseSharedSigners } from './relayers/sponsor-signers.ts';
import { resolveEndpoints } from './rpc-endpoints.ts';
import type { Secret } from './secret.ts';
import type { SectionReader } from './section-reader.ts';
import { type LackingSigner, lackingSigner } from './signers/lacking-signer.ts';
import { resolveSigner, type SignerConfig, type SignerEntry } from './signers/signers.ts';
import { type LackingTemplate, resolveTemplate, type TemplateConfig } from './templates/templates.ts';
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
  { rpc_url, rpc_url_file, verify_rpc_url, verify_rpc_url_file, ...section }: FileConfig['chain'],
): Promise<ChainConfig | undefined> {
  const at = ['chain'];
  const short = { at, key: 'rpc_url', value: rpc_url, file: rpc_url_file };
  const endpoints = await resolveEndpoints(reader, { ...short, endpoints: section.endpoints });
  const second = { at, key: 'verify_rpc_url', value: verify_rpc_url, file: verify_rpc_url_file };
  const isGiven = verify_rpc_url !== undefined || verify_rpc_url_file !== undefined;
  const verifyRpcUrl = isGiven ? await resolveUrl(reader, RPC_URL, second) : null;
  if (endpoints === undefined || verifyRpcUrl === undefined) return undefined;
  const twin = endpoints.find(({ url }) => verifyRpcUrl !== null && sameHost(url, verifyRpcUrl));
  if (twin !== undefined) {
    const path = [...at, verify_rpc_url === undefined ? 'verify_rpc_url_file' : 'verify_rpc_url'];
    return reader.refuse(
      path,
      `is at the host of chain.${twin.field}, which would agree with itself; name a node of another operator`,
    );
  }
  const witnesses = section.witnesses ?? Math.min(2, endpoints.length);
  if (witnesses > endpoints.length) {
    return reader.refuse([...at, 'witnesses'], `must be at most ${endpoints.length}, the number of endpoints`);
  }
  return { endpoints, witnesses, subscribe: section.subscribe, verifyRpcUrl, timeoutMs: section.timeout_ms };
}

function sameHost(url: Secret, other: Secret): boolean {
  return URL.parse(url.reveal())?.host === URL.parse(other.reveal())?.host;
}

export async function resolveSigners(
  reader: SectionReader,
  signers: FileConfig['signers'],
): Promise<Signers | undefined> {
  refuseRepeats(reader, 'signers', 'name', signers, ({ name }) => name);
  const keystoreOf = (entry: SignerEntry) =>
    entry.type === 'local-keypair' ? reader.absolute(['signers', 'keystore_file'], entry.keystore_file) : null;
  refuseRepeats(reader, 'signers', 'keystore_file', signers, keystoreOf);
  const resolved = await allOf(signers, async (entry, n) => {
    const at = ['signers', n];
    const signer = await resolveOrLack(reader, at, (lenient) => resolveSigner(lenient, at, entry));
    return signer?.kind === 'lacking' ? lackingSigner(reader, entry, signer) : signer;
  });
  if (resolved === undefined) return undefined;
  return {
    signers: resolved.filter((signer) => signer.kind !== 'lacking'),
    lackingSigners: resolved.filter((signer) => signer.kind === 'lacking'),
  };
}

interface Signers {
  readonly signers: readonly SignerConfig[];
  readonly lackingSigners: readonly LackingSigner[];
}

export async function resolveRelayers(
  reader: SectionReader,
  relayers: FileConfig['relayers'],
): Promise<readonly (RelayerConfig | LackingRelayer)[] | undefined> {
  refuseRepeats(reader, 'relayers', 'name', relayers, ({ name }) => name);
  refuseSenders(reader, relayers);
  return allOf(relayers, async (entry, n) => {
    const at = ['relayers', n];
    const relayer = await resolveOrLack(reader, at, (lenient) => resolveRelayer(lenient, at, entry));
    return relayer?.kind === 'lacking' ? lackingRelayer(entry, relayer) : relayer;
  });
}

/** What sends for another relayer must be there, and send by itself. */
function refuseSenders(reader: SectionReader, relayers: FileConfig['relayers']): void {
  const senders = relayers.filter(({ type }) => type === 'rpc');
  for (const [n, entry] of relayers.entries()) {
    if (entry.type === 'rpc') continue;
    const path = ['relayers', n, 'relayer'];
    const isThere = relayers.some(({ name }) => name === entry.relayer);
    if (senders.some(({ name }) => name === entry.relayer)) continue;
    if (isThere) reader.refuse(path, `${entry.relayer} does not send by itself; name a relayer of the type rpc`);
    else refuseUnknown(reader, path, 'relayer', entry.relayer, senders);
  }
}

/** `signers` and `relayers`: `undefined` where that section could not be read; then nothing can be said of names in it. */
export function resolveWallets(
  reader: SectionReader,
  wallets: FileConfig['wallets'],
  signers: FileConfig['signers'] | undefined,
  relayers: FileConfig['relayers'] | undefined,
): readonly WalletConfig[] {
  refuseRepeats(reader, 'wallets', 'id', wallets, ({ id }) => id);
  // Two names for one key would give it the limits of both.
  refuseRepeats(reader, 'wallets', 'signer', wallets, ({ signer }) => signer);
  if (relayers !== undefined) refuseSharedSigners(reader, relayers, signers, wallets);
  for (const [n, wallet] of wallets.entries()) {
    const at = ['wallets', n];
    refuseUnknown(reader, [...at, 'signer'], 'signer', wallet.signer, signers);
    refuseUnknown(reader, [...at, 'relayer'], 'relayer', wallet.relayer, relayers);
    refuseFallbacks(reader, [...at, 'signer_fallbacks'], 'signer', wallet.signer, wallet.signer_fallbacks, signers);
    refuseFallbacks(
      reader,
      [...at, 'relayer_fallbacks'],
      'relayer',
      wallet.relayer,
      wallet.relayer_fallbacks,
      relayers,
    );
  }
  return wallets.map(({ id, signer, signer_fallbacks, relayer, relayer_fallbacks }) => ({
    id,
    signers: [signer, ...signer_fallbacks],
    relayers: [relayer, ...relayer_fallbacks],
  }));
}

/** `relayers`: as for wallets. */
export async function resolveTemplates(
  reader: SectionReader,
  templates: FileConfig['wallet_templates'],
  relayers: FileConfig['relayers'] | undefined,
): Promise<readonly (TemplateConfig | LackingTemplate)[] | undefined> {
  refuseRepeats(reader, 'wallet_templates', 'name', templates, ({ name }) => name);
  for (const [n, { relayer, relayer_fallbacks }] of templates.entries()) {
    const at = ['wallet_templates', n];
    refuseUnknown(reader, [...at, 'relayer'], 'relayer', relayer, relayers);
    refuseFallbacks(reader, [...at, 'relayer_fallbacks'], 'relayer', relayer, relayer_fallbacks, relayers);
  }
  return allOf(templates, (entry, n) => resolveTemplate(reader, ['wallet_templates', n], entry));
}

type Named = readonly { readonly name: string }[];

function refuseFallbacks(
  reader: SectionReader,
  path: KeyPath,
  what: 'signer' | 'relayer',
  first: string,
  fallbacks: readonly string[],
  known: Named | undefined,
): void {
  for (const [n, name] of fallbacks.entries()) {
    refuseUnknown(reader, [...path, n], what, name, known);
    if (name === first || fallbacks.indexOf(name) < n) reader.refuse([...path, n], `names ${name} twice`);
  }
}

function refuseUnknown(
  reader: SectionReader,
  path: KeyPath,
  what: 'signer' | 'relayer',
  name: string,
  known: Named | undefined,
): void {
  if (known === undefined || known.some((entry) => entry.name === name)) return;
  reader.refuse(path, `there is no ${what} ${name}; there are ${known.map((entry) => entry.name).join(', ')}`);
}

/** `keyOf`: `null` where an entry has none. */
function refuseRepeats<T>(
  reader: SectionReader,
  section: string,
  key: string,
  entries: readonly T[],
  keyOf: (entry: T) => string | null,
): void {
  const values = entries.map(keyOf);
  for (const [n, value] of values.entries()) {
    const first = values.indexOf(value);
    if (value === null || first === n) continue;
    reader.refuse([section, n, key], `is that of ${section}[${first}] too; it must be of one only`);
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
