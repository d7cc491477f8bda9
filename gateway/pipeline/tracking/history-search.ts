// Owns finding what became of transactions whose signatures nobody knows: they are looked for by their messages, in the history of an
// address that signs them.

import { ChainUnavailable, type SignatureStatus } from '../../../relayer/chain-reader.ts';
import type { LandedSignature, WalletHistory } from '../../../relayer/wallet-history.ts';
import type { Address } from '../../core/address.ts';
import { encodeBase58 } from '../../core/base58.ts';
import type { CompiledTransaction } from '../../core/transaction/compiled-transaction.ts';
import { parseTransaction } from '../../core/transaction/parse.ts';
import type { State } from '../../state/contract/state.ts';
import { hex, sha256 } from '../digest.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';

export interface Sought {
  /** SHA-256 of the message, hex. */
  readonly messageDigest: string;
  /** A finalized slot in which its lifetime was over. */
  readonly overAt: bigint;
  /** No block below this height can hold it. */
  readonly earliest: bigint;
}

export type Finding =
  | { readonly kind: 'landed'; readonly status: SignatureStatus /** Base58. */; readonly transactionSignature: string }
  /** It never landed, and never can. */
  | { readonly kind: 'dead' }
  /** Not now: a node is away or behind, or there is more to read than one look may. */
  | { readonly kind: 'unproven' }
  /** The history does not reach back, or too much landed. */
  | { readonly kind: 'unknowable' };

export interface HistorySearchDeps extends Pick<PipelineDeps, 'verifySignature'> {
  readonly state: { readonly walletChecks: Pick<State['walletChecks'], 'messagesOf'> };
}

/** Of the cluster's RPC. */
const PAGE = 1_000;
const MOST_PAGES = 10;
/** Transactions that one search may fetch: anybody can name a wallet. What was read is remembered, and the next search goes on. */
const MOST_FETCHED = 100;

/** By signature, the digest of the message that landed with it: what was read once need not be read again. */
export type Digests = Map<string, string>;

const MOST_REMEMBERED = 20_000;

/**
 * What one node's history shows of each of these, in their order. Throws ChainUnavailable.
 *
 * The order is what makes it proof. The lifetimes were over in finalized slots before this was asked: what landed did so in those slots or
 * below, and not below the earliest height. A node that has finalized those slots then lists all that names the signer, down to that height.
 * At last the node says how far its history reaches back, which only shrinks: if it reaches now, it did when it listed.
 */
export async function searchHistory(
  deps: HistorySearchDeps,
  history: WalletHistory,
  signer: Address,
  sought: readonly Sought[],
  digests: Digests,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const overAt = sought.map((each) => each.overAt).reduce(larger);
  const earliest = sought.map((each) => each.earliest).reduce(smaller);
  const listed = await listDownTo(history, signer, overAt, earliest, signal);
  if (listed === null) return sought.map(() => ({ kind: 'unknowable' }));
  const candidates = listed.filter(({ slot }) => slot <= overAt);
  const within = candidates.slice(0, await countNotBelow(history, candidates, earliest, signal));
  const isWhole = await learnMessages(deps, history, within, digests, signal);
  const oldest = await history.oldestBlockHeight(signal);
  const byMessage = new Map(within.map((landed) => [digests.get(landed.signature), landed]));
  return sought.map(({ messageDigest, earliest: from }) => {
    const landed = byMessage.get(messageDigest);
    if (landed !== undefined)
      return { kind: 'landed', status: finalized(landed), transactionSignature: landed.signature };
    if (!isWhole) return { kind: 'unproven' };
    return { kind: oldest <= from ? 'dead' : 'unknowable' };
  });
}

/** The newest first, at least down to the earliest height, or all that the node has; `null`: more landed than is ever read. */
async function listDownTo(
  history: WalletHistory,
  signer: Address,
  minContextSlot: bigint,
  earliest: bigint,
  signal: AbortSignal,
): Promise<readonly LandedSignature[] | null> {
  const listed: LandedSignature[] = [];
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const before = listed.at(-1)?.signature ?? null;
    const page = await history.signaturesOf(signer, { until: null, before, limit: PAGE, minContextSlot }, signal);
    listed.push(...page);
    const oldest = page.at(-1);
    if (oldest === undefined || page.length < PAGE) return listed;
    if ((await history.blockHeightAt(oldest.slot, signal)) < earliest) return listed;
  }
  return null;
}

/** How many of them, which come newest first, are in blocks of this height or above. */
async function countNotBelow(
  history: WalletHistory,
  listed: readonly LandedSignature[],
  height: bigint,
  signal: AbortSignal,
): Promise<number> {
  let [from, to] = [0, listed.length];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    const slot = listed[middle]?.slot;
    // A slot is never below its height.
    const isBelow = slot === undefined || slot < height || (await history.blockHeightAt(slot, signal)) < height;
    if (isBelow) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** Whether the message of each of these is known afterwards. */
async function learnMessages(
  deps: HistorySearchDeps,
  history: WalletHistory,
  landed: readonly LandedSignature[],
  digests: Digests,
  signal: AbortSignal,
): Promise<boolean> {
  const unread = landed.map(({ signature }) => signature).filter((signature) => !digests.has(signature));
  // A signature is over one message: what the record says of its own need not be asked.
  const recorded = await deps.state.walletChecks.messagesOf(unread);
  for (const [signature, digest] of recorded) remember(digests, signature, digest);
  const unknown = unread.filter((signature) => !recorded.has(signature));
  for (const signature of unknown.slice(0, MOST_FETCHED)) {
    const { messageBytes } = await readLanded(deps, history, signature, signal);
    remember(digests, signature, hex(sha256(messageBytes)));
  }
  return landed.every(({ signature }) => digests.has(signature));
}

/** Throws ChainUnavailable where the node shows nothing under this signature that can have landed with it. */
export async function readLanded(
  { verifySignature }: Pick<HistorySearchDeps, 'verifySignature'>,
  history: WalletHistory,
  signature: string,
  signal: AbortSignal,
): Promise<CompiledTransaction & { readonly wire: Uint8Array }> {
  const wire = await history.transaction(signature, signal);
  if (wire === null) throw new ChainUnavailable('the node lists a transaction that it does not have');
  const parsed = parseTransaction(wire);
  if (parsed.kind === 'malformed') throw new ChainUnavailable('the node shows a transaction that cannot have landed');
  const { messageBytes, signatures, staticAccounts } = parsed.value;
  const [first = null] = signatures;
  const [address = ''] = staticAccounts;
  const isIt =
    first !== null &&
    encodeBase58(first) === signature &&
    (await verifySignature({ address, messageBytes, signature: first }));
  if (!isIt) throw new ChainUnavailable('the node shows another transaction than it lists, or without its signature');
  return { ...parsed.value, wire };
}

function finalized({ slot, error }: LandedSignature): SignatureStatus {
  return { commitment: 'finalized', slot, error };
}

function remember(digests: Digests, signature: string, digest: string): void {
  digests.delete(signature);
  digests.set(signature, digest);
  const [oldest] = digests.keys();
  if (digests.size > MOST_REMEMBERED && oldest !== undefined) digests.delete(oldest);
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
