// Owns the questions to wallets' histories: which requests need them, and how many nodes must show the same.

import { ChainUnavailable } from '../../../relayer/chain-reader.ts';
import type { WalletHistory } from '../../../relayer/wallet-history.ts';
import type { Address } from '../../core/address.ts';
import { encodeBase58 } from '../../core/base58.ts';
import type { CompiledTransaction } from '../../core/transaction/compiled-transaction.ts';
import { parseTransaction } from '../../core/transaction/parse.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import { feePayerIsInProcess, walletIsInProcess } from '../custody.ts';
import { hex, sha256 } from '../digest.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';
import type { LifetimeEnd } from './fate.ts';
import {
  type Digests,
  type Finding,
  type HistorySearchDeps,
  readLanded,
  type Sought,
  searchHistory,
} from './history-search.ts';
import { createSearchQueue } from './search-queue.ts';

export interface Lookup {
  /**
   * Whether the recorded signature, which is that of whoever pays, is the only one under which it can land. Whoever has a key can sign the
   * same message again, and otherwise: only of a key that was in the gateway's process when it was asked, and still is, it is known that
   * nobody does, and it signs the same message the same way each time. So it goes by the key that pays, the wallet's or the gateway's own;
   * whose other signatures the transaction has changes nothing of its name.
   */
  isNamed(request: RequestRecord): boolean;
  /**
   * What became of a request whose lifetime is over. `searching`: to be asked again in a while; whoever waited would keep others waiting
   * behind a slow history. Throws what a search threw.
   */
  find(request: RequestRecord, end: LifetimeEnd): Finding | { readonly kind: 'searching' };
  /** When no search is under way any more. */
  ended(): Promise<void>;
  /** What landed under a signature, where it is of this request; `null`: that cannot be read now. */
  read(request: RequestRecord, signature: string): Promise<LandedTransaction | null>;
}

/** With every signature. */
export interface LandedTransaction {
  readonly wire: Uint8Array;
  /** Base58; `null`: nobody knows any more which of the signers the wallet is. */
  readonly walletSignature: string | null;
}

export interface LookupDeps extends HistorySearchDeps, Pick<PipelineDeps, 'routes' | 'chain' | 'histories'> {}

const ANSWER_MS = 8_000;

/** `signal`: ends what is being searched. */
export function createLookup(deps: LookupDeps, signal: AbortSignal): Lookup {
  const nodes = deps.histories.map((history): Node => ({ history, digests: new Map() }));
  const queue = createSearchQueue((signer, sought) => searchAll(deps, nodes, signer, sought, signal), signal);
  return {
    isNamed: (request) => {
      const { transactionSignature: signature, walletSignature, ask, custody, judgement } = request;
      if (signature === null) return false;
      if (signature === walletSignature) return walletIsInProcess(deps, ask.walletId, custody);
      return feePayerIsInProcess(deps, request, payerOf(judgement));
    },
    find: (request, { slot: overAt, earliest }) => {
      const signer = signerOf(deps, request);
      if (signer === null) return { kind: 'unknowable' };
      const { requestId, judgement } = request;
      const sought = { messageDigest: hex(judgement.messageDigest), overAt, earliest };
      return queue.ask(signer, requestId, sought) ?? { kind: 'searching' };
    },
    ended: queue.ended,
    read: async (request, signature) => {
      for (const history of deps.histories) {
        const landed = await orWhenAway(readLanded(deps, history, signature, bounded(signal)), null);
        if (landed !== null && hex(sha256(landed.messageBytes)) === hex(request.judgement.messageDigest)) {
          return { wire: landed.wire, walletSignature: await walletSignatureIn(deps, request, landed) };
        }
      }
      return null;
    },
  };
}

async function walletSignatureIn(
  { routes, verifySignature }: Pick<LookupDeps, 'routes' | 'verifySignature'>,
  { ask }: RequestRecord,
  { staticAccounts, signatures, messageBytes }: CompiledTransaction,
): Promise<string | null> {
  const address = routes.get(ask.walletId)?.wallet.address;
  if (address === undefined) return null;
  const signature = signatures[staticAccounts.indexOf(address)] ?? null;
  const isOwn = signature !== null && (await verifySignature({ address, messageBytes, signature }));
  return isOwn ? encodeBase58(signature) : null;
}

const UNPROVEN: Finding = { kind: 'unproven' };

/** With what it told of transactions before: a node is believed for itself only. */
interface Node {
  readonly history: WalletHistory;
  readonly digests: Digests;
}

function bounded(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
}

/** The wallet, or where it is not configured any more whoever pays: each of them signs the transaction, so that it is in their histories. */
function signerOf({ routes }: Pick<LookupDeps, 'routes'>, { ask, judgement }: RequestRecord): Address | null {
  const wallet = routes.get(ask.walletId)?.wallet.address;
  if (wallet !== undefined) return wallet;
  return payerOf(judgement);
}

function payerOf({ transaction }: RequestRecord['judgement']): Address | null {
  const parsed = parseTransaction(transaction);
  return parsed.kind === 'malformed' ? null : (parsed.value.staticAccounts[0] ?? null);
}

/** A node that shows that one landed is believed; that it never did, as many must show as may not be wrong alone. */
async function searchAll(
  deps: LookupDeps,
  nodes: readonly Node[],
  signer: Address,
  sought: readonly Sought[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { witnesses } = deps.chain;
  const told = sought.map((each): { readonly sought: Sought; readonly findings: Finding[] } => ({
    sought: each,
    findings: [],
  }));
  for (const { history, digests } of nodes) {
    const open = told.filter(({ findings }) => !isSettled(findings, witnesses));
    if (open.length === 0) break;
    const asked = open.map((each) => each.sought);
    const search = searchHistory(deps, history, signer, asked, digests, bounded(signal));
    const shown = await orWhenAway(search, []);
    for (const [i, { findings }] of open.entries()) findings.push(shown[i] ?? UNPROVEN);
  }
  return told.map(({ findings }) => verdictOf(findings, witnesses));
}

async function orWhenAway<T>(answer: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ChainUnavailable) return otherwise;
    throw error;
  }
}

function isSettled(findings: readonly Finding[], witnesses: number): boolean {
  return verdictOf(findings, witnesses).kind === 'landed' || countDead(findings) >= witnesses;
}

function verdictOf(findings: readonly Finding[], witnesses: number): Finding {
  const landed = findings.find(({ kind }) => kind === 'landed');
  if (landed !== undefined) return landed;
  if (countDead(findings) >= witnesses) return { kind: 'dead' };
  const mayStillTell = findings.length === 0 || findings.some(({ kind }) => kind === 'unproven');
  return mayStillTell ? UNPROVEN : { kind: 'unknowable' };
}

function countDead(findings: readonly Finding[]): number {
  return findings.filter(({ kind }) => kind === 'dead').length;
}
