// Owns the decode stage: from received bytes to a transaction whose accounts, signatures and effects are established.
import type { ChainReader } from '../../relayer/chain-reader.ts';
import { ChainUnavailable } from '../../relayer/chain-reader.ts';
import type { Address } from '../core/address.ts';
import type { ChainFacts } from '../core/effects/chain-facts.ts';
import { computeEffects } from '../core/effects/compute-effects.ts';
import type { Effects } from '../core/effects/effects.ts';
import { accountsNeeded } from '../core/effects/facts-needed.ts';
import { GatewayError } from '../core/errors.ts';
import type { Wallet } from '../core/principal/principal.ts';
import type { CompiledTransaction, MalformedTransaction, Parsed } from '../core/transaction/compiled-transaction.ts';
import { decodeTransaction } from '../core/transaction/decode.ts';
import type { AccountReference, DecodedTransaction, LookupTable } from '../core/transaction/decoded-transaction.ts';
import { parseTransaction } from '../core/transaction/parse.ts';
import { lookupTableAddresses, readLookupTable, resolveAccounts } from '../core/transaction/resolve.ts';
import { withBlockhash } from '../core/transaction/wire.ts';
import type { RequestAsk } from '../state/state.ts';
import type { PipelineDeps } from './pipeline-deps.ts';

/** Blocks that an agent's blockhash may be newer than the one that the gateway last saw. */
const BLOCKHASH_SLACK = 64n;

export interface EstablishedTransaction {
  /** The wire transaction as it is judged. */
  readonly wire: Uint8Array;
  readonly decoded: DecodedTransaction;
  readonly effects: Effects;
  readonly signerIndex: number;
  /** `null`: never dead by time (durable nonce). */
  readonly lastValidBlockHeight: bigint | null;
}

type DecodeDeps = Pick<PipelineDeps, 'chain' | 'verifySignature' | 'observer'>;

/** Throws GatewayError for bytes that cannot be judged and for a chain that cannot be asked. */
export async function establishTransaction(
  deps: DecodeDeps,
  ask: RequestAsk,
  wallet: Wallet,
  signal: AbortSignal,
): Promise<EstablishedTransaction> {
  const started = performance.now();
  const received = parsed(parseTransaction(ask.received));
  const latest = await chainAnswer(deps.chain.getLatestBlockhash(signal));
  const wire = ask.setFreshBlockhash ? withFreshBlockhash(received, latest.blockhash) : ask.received;
  const compiled = ask.setFreshBlockhash ? parsed(parseTransaction(wire)) : received;
  const signerIndex = walletSlot(compiled, wallet);
  checkSignatures(deps, compiled, ask, signerIndex);
  const decoded = decodeTransaction(compiled, await resolve(deps.chain, compiled, signal));
  if (ask.setFreshBlockhash && decoded.lifetime.kind === 'durable_nonce') {
    throw new GatewayError(
      'BLOCKHASH_NOT_REPLACEABLE',
      'set_fresh_blockhash: the transaction lives by a durable nonce; leave set_fresh_blockhash off',
    );
  }
  const decodedAt = performance.now();
  deps.observer.stage('decode', (decodedAt - started) / 1000);
  const facts = await readFacts(deps.chain, accountsNeeded(decoded, wallet.address), signal);
  const effects = computeEffects(decoded, wallet.address, facts);
  deps.observer.stage('facts', (performance.now() - decodedAt) / 1000);
  const newest = ask.setFreshBlockhash ? latest.lastValidBlockHeight : latest.lastValidBlockHeight + BLOCKHASH_SLACK;
  const lastValidBlockHeight = decoded.lifetime.kind === 'durable_nonce' ? null : newest;
  return { wire, decoded, effects, signerIndex, lastValidBlockHeight };
}

function parsed<T>(result: Parsed<T>): T {
  if (result.kind === 'parsed') return result.value;
  throw malformed(result.error);
}

function malformed(error: MalformedTransaction): GatewayError {
  const { code, field, offset, expected, found } = error;
  return new GatewayError(
    'MALFORMED_TRANSACTION',
    `transaction: ${field} at byte ${offset}: expected ${expected}, found ${found}`,
    { metadata: { malformed: code, field, offset: String(offset), expected, found } },
  );
}

function withFreshBlockhash(transaction: CompiledTransaction, blockhash: string): Uint8Array {
  if (transaction.signatures.some((signature) => signature !== null)) {
    throw new GatewayError(
      'BLOCKHASH_NOT_REPLACEABLE',
      'set_fresh_blockhash: somebody has already signed the transaction, and a new blockhash would void that signature; ' +
        'leave set_fresh_blockhash off, or send the transaction without signatures',
    );
  }
  return withBlockhash(transaction, blockhash);
}

function walletSlot(transaction: CompiledTransaction, wallet: Wallet): number {
  const index = transaction.staticAccounts.indexOf(wallet.address);
  if (index >= 0 && index < transaction.header.requiredSignatures) return index;
  throw new GatewayError(
    'WALLET_NOT_A_SIGNER',
    `transaction: the wallet ${wallet.id} (${wallet.address}) is not one of its required signers`,
  );
}

function checkSignatures(
  deps: DecodeDeps,
  transaction: CompiledTransaction,
  ask: RequestAsk,
  walletIndex: number,
): void {
  transaction.signatures.forEach((signature, index) => {
    const address = transaction.staticAccounts[index];
    if (address === undefined) throw new GatewayError('INTERNAL', 'a signature without a signer passed the parser');
    if (signature === null) {
      if (index !== walletIndex && ask.method === 'sign_and_send') throw signatureMissing(address);
    } else if (!deps.verifySignature({ address, messageBytes: transaction.messageBytes, signature })) {
      throw new GatewayError(
        'SIGNATURE_INVALID',
        `transaction: the signature of ${address} (slot ${index}) does not verify over the message; leave the slot zero if it has not signed`,
      );
    }
  });
}

function signatureMissing(address: Address): GatewayError {
  return new GatewayError(
    'SIGNATURES_MISSING',
    `transaction: the signature of ${address} is missing; to send it, all signatures but the wallet's must be present`,
  );
}

async function resolve(
  chain: ChainReader,
  transaction: CompiledTransaction,
  signal: AbortSignal,
): Promise<readonly AccountReference[]> {
  const addresses = lookupTableAddresses(transaction);
  const { accounts } = await readFacts(chain, addresses, signal);
  const tables = new Map<Address, LookupTable | null>();
  for (const address of addresses) tables.set(address, readLookupTable(accounts.get(address) ?? null));
  const resolved = resolveAccounts(transaction, tables);
  if (resolved.kind === 'parsed') return resolved.value;
  const { code, field, expected, found } = resolved.error;
  throw new GatewayError('LOOKUP_TABLE_UNRESOLVED', `transaction: ${field}: expected ${expected}, found ${found}`, {
    metadata: { malformed: code, field, expected, found },
  });
}

async function readFacts(chain: ChainReader, addresses: readonly Address[], signal: AbortSignal): Promise<ChainFacts> {
  if (addresses.length === 0) return { slot: null, accounts: new Map() };
  return chainAnswer(chain.getAccounts(addresses, signal));
}

async function chainAnswer<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof ChainUnavailable)) throw error;
    throw new GatewayError('CHAIN_UNAVAILABLE', `the chain cannot be asked: ${error.message}; nothing was signed`, {
      cause: error,
    });
  }
}
