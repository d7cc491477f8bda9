// Owns the comparison of what the chain shows of each wallet with what this gateway signed: a wallet that something else moved is told.
import { ChainUnavailable } from '../../../relayer/chain-reader.ts';
import type { HistoryAsk, WalletHistory } from '../../../relayer/wallet-history.ts';
import { encodeBase58 } from '../../core/base58.ts';
import type { Wallet } from '../../core/principal/principal.ts';
import type { RequestState } from '../../core/request/request-state.ts';
import { parseTransaction } from '../../core/transaction/parse.ts';
import type { State } from '../../state/contract/state.ts';
import type { WalletCheck } from '../../state/contract/wallet-check-store.ts';
import { GATEWAY } from '../audit-entries.ts';
import { walletIsInProcess } from '../custody.ts';
import { sha256 } from '../digest.ts';
import type { PipelineDeps } from '../pipeline-deps.ts';

export interface WalletWatchDeps extends Pick<PipelineDeps, 'routes' | 'verifySignature' | 'warn' | 'now'> {
  readonly state: Pick<State, 'walletChecks'>;
  readonly history: WalletHistory;
  /** How long a wallet is left alone between two looks, however many gateways look. */
  readonly intervalMs: number;
  readonly observeForeign: () => void;
}

export interface WalletWatch {
  stop(): Promise<void>;
}

/** A bound for the load on the node: so many wallets a second and gateway. */
const AT_ONCE = 4;
const ROUND_MS = 1_000;
const ANSWER_MS = 10_000;
/** Of the cluster's RPC. */
const PAGE = 1_000;
const MOST_PAGES = 10;
/** Transactions that are fetched at one look: anybody can send a wallet dust. The rest waits for the next look. */
const MOST_FETCHED = 50;

export function startWalletWatch(deps: WalletWatchDeps): WalletWatch {
  const stopping = new AbortController();
  let wake: () => void = () => undefined;
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await round(deps, stopping.signal).catch(() => undefined);
      if (stopping.signal.aborted) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ROUND_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      wake();
      await running;
    },
  };
}

/** Looks at some wallets whose time has come. */
export async function round(deps: WalletWatchDeps, stopping: AbortSignal): Promise<void> {
  const claimed = await deps.state.walletChecks.claim([...deps.routes.keys()], AT_ONCE, deps.intervalMs);
  await Promise.all(claimed.map((check) => look(deps, check, stopping)));
}

async function look(deps: WalletWatchDeps, check: WalletCheck, stopping: AbortSignal): Promise<void> {
  const wallet = deps.routes.get(check.walletId)?.wallet;
  if (wallet === undefined) return;
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(ANSWER_MS)]);
  try {
    await compare(deps, wallet, check, signal);
  } catch (error) {
    if (stopping.aborted) return;
    const problem = error instanceof ChainUnavailable || error instanceof Uncomparable ? error.message : 'it failed';
    await deps.state.walletChecks.failed(wallet.id, problem.slice(0, 300));
  }
}

class Uncomparable extends Error {}

async function compare(deps: WalletWatchDeps, wallet: Wallet, check: WalletCheck, signal: AbortSignal): Promise<void> {
  const { walletChecks } = deps.state;
  const landed = await landedSince(deps, wallet, check, signal);
  const newest = landed.at(-1) ?? null;
  // Whatever landed before the first look is nothing that this gateway must have signed.
  if (check.checkedAt === null) return walletChecks.compared(wallet.id, newest);
  const known = await walletChecks.known(landed);
  let fetched = 0;
  for (const signature of landed) {
    if (known.has(signature)) continue;
    if (fetched === MOST_FETCHED) return;
    fetched += 1;
    if (await isForeign(deps, wallet, signature, signal)) await tell(deps, wallet, signature);
    await walletChecks.compared(wallet.id, signature);
  }
  await walletChecks.compared(wallet.id, newest);
}

/** The oldest first. Before the first look the newest alone is of interest. */
async function landedSince(
  { history }: WalletWatchDeps,
  { address }: Wallet,
  { checkedAt, comparedSignature: until }: WalletCheck,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const list = async (ask: Pick<HistoryAsk, 'until' | 'before' | 'limit'>): Promise<readonly string[]> => {
    const listed = await history.signaturesOf(address, { ...ask, minContextSlot: null }, signal);
    return listed.map(({ signature }) => signature);
  };
  if (checkedAt === null) return list({ until: null, before: null, limit: 1 });
  const newestFirst: string[] = [];
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const before = newestFirst.at(-1) ?? null;
    const page = await list({ until, before, limit: PAGE });
    newestFirst.push(...page);
    if (page.length < PAGE) return newestFirst.reverse();
  }
  throw new Uncomparable(`more than ${MOST_PAGES * PAGE} transactions landed since the last look`);
}

/** Whether the wallet signed it, and not through this gateway: others may name a wallet as they like. */
async function isForeign(
  deps: WalletWatchDeps,
  wallet: Wallet,
  signature: string,
  signal: AbortSignal,
): Promise<boolean> {
  const wire = await deps.history.transaction(signature, signal);
  if (wire === null) throw new Uncomparable('the node lists a transaction that it does not have');
  const parsed = parseTransaction(wire);
  if (parsed.kind === 'malformed') throw new Uncomparable('the node shows a transaction that cannot have landed');
  const { staticAccounts, header, signatures, messageBytes } = parsed.value;
  const index = staticAccounts.indexOf(wallet.address);
  if (index < 0 || index >= header.requiredSignatures) return false;
  const own = signatures[index] ?? null;
  if (own === null || !(await deps.verifySignature({ address: wallet.address, messageBytes, signature: own }))) {
    throw new Uncomparable('the node shows a transaction without a valid signature of the wallet');
  }
  const text = encodeBase58(own);
  if ((await deps.state.walletChecks.known([text])).has(text)) return false;
  return !(await isLostSignature(deps, wallet, messageBytes));
}

/**
 * Of a message that this gateway let a remote signer sign, and whose signature did not arrive. It is not told here as a move from elsewhere:
 * the tracker finds it, tells that somebody else sent it, and settles what it used.
 */
async function isLostSignature(deps: WalletWatchDeps, wallet: Wallet, messageBytes: Uint8Array): Promise<boolean> {
  const unsigned = await deps.state.walletChecks.unsigned(wallet.id, sha256(messageBytes), MAY_BE_LOST);
  return unsigned.some(({ state, custody }) => state !== 'SIGNING' || !walletIsInProcess(deps, wallet.id, custody));
}

const MAY_BE_LOST: readonly RequestState[] = ['INDETERMINATE', 'CONFIRMED', 'SIGNING'];

async function tell(deps: WalletWatchDeps, wallet: Wallet, signature: string): Promise<void> {
  const facts = { wallet: wallet.id, address: wallet.address, transaction_signature: signature };
  const audit = { kind: 'wallet.moved_elsewhere', time: deps.now(), requestId: null, actor: GATEWAY, facts } as const;
  if (!(await deps.state.walletChecks.foundForeign(wallet.id, signature, audit))) return;
  deps.observeForeign();
  deps.warn('a wallet was moved by something else than this gateway', facts);
}
