import { randomUUID } from 'node:crypto';
import {
  type Address,
  appendTransactionMessageInstructions,
  compileTransaction,
  createNoopSigner,
  createTransactionMessage,
  getTransactionEncoder,
  type Nonce,
  pipe,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingDurableNonce,
} from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { beforeEach, describe, expect, it } from 'vitest';
import { solTransfer } from '../../../tour/transactions.ts';
import { decodeBase58, encodeBase58, knownAddress } from '../../core/base58.ts';
import { SYSTEM_PROGRAM, TOKEN_PROGRAM } from '../../core/transaction/programs/program-ids.ts';
import type { RequestRecord } from '../../state/contract/request-store.ts';
import { sampleJudgement, sampleSent } from '../../state/testing/sample-request.ts';
import { type ScriptedChain, scriptedChain } from '../testing/scripted-chain.ts';
import type { Lookup } from './lookup.ts';
import { openSight, type SightOptions } from './sight.ts';

const WALLET = key(7);
const NONCE_ACCOUNT = key(8);
const NONCE = key(9);
/** Dies above this height; it was signed 150 blocks before, or earlier by what the gateway grants to blockhashes of others. */
const LAST_VALID = 10_250n;
const BLOCKHASH_LIVED = solTransfer(WALLET, WALLET, 1n);

/** Whatever needs a wallet's history cannot be told. */
const NO_HISTORY: Lookup = {
  isNamed: () => true,
  find: () => ({ kind: 'unknowable' }),
  ended: async () => undefined,
  read: async () => null,
};

let chain: ScriptedChain;
let options: SightOptions;
const unusedUntil = new Map<string, bigint>();

beforeEach(() => {
  chain = scriptedChain();
  chain.statusSlot = 20_000n;
  unusedUntil.clear();
  const { signal } = new AbortController();
  options = {
    resendIsDue: () => false,
    patienceIsOver: () => false,
    unusedUntil: () => unusedUntil,
    lookup: NO_HISTORY,
    signal,
  };
  finalizedAt(LAST_VALID + 1n);
});

describe('what lives by a blockhash', () => {
  it('is not dead by an understated height while the blockhash died only behind the finalized block', async () => {
    const ask = chain.isBlockhashValid;
    chain.isBlockhashValid = async (blockhash, commitment, signal) => ({
      ...(await ask(blockhash, commitment, signal)),
      ...(commitment === 'finalized' ? { isValid: true } : {}),
    });
    expect(await fateOf(BLOCKHASH_LIVED)).toBe('alive');
  });

  it('is alive at its last valid height, and dead above', async () => {
    finalizedAt(LAST_VALID);
    expect(await fateOf(BLOCKHASH_LIVED)).toBe('alive');
    finalizedAt(LAST_VALID + 1n);
    expect(await fateOf(BLOCKHASH_LIVED)).toBe('dead');
  });

  it('is dead only for a node that has every block since 300 below its last valid height', async () => {
    finalizedAt(LAST_VALID + 1_000n);
    chain.statusSlot = 30_000n;
    chain.oldestBlock = LAST_VALID - 300n;
    expect(await fateOf(BLOCKHASH_LIVED)).toBe('dead');
    chain.oldestBlock = LAST_VALID - 299n;
    expect(await fateOf(BLOCKHASH_LIVED)).toBe('unproven');
  });

  it('is dead on a young chain whose node has all of it', async () => {
    const request = record(BLOCKHASH_LIVED, {
      judgement: sampleJudgement({ transaction: BLOCKHASH_LIVED, lastValidBlockHeight: 150n }),
    });
    expect(await kindOf(request)).toBe('dead');
    chain.oldestBlock = 1n;
    expect(await kindOf(request)).toBe('unproven');
  });

  it('is dead only for a node that was past the block that ended its life', async () => {
    chain.statusSlot = LAST_VALID;
    expect(await fateOf(BLOCKHASH_LIVED)).toBe('unproven');
  });

  it('has landed where it turns up in the last look', async () => {
    let looks = 0;
    chain.onStatuses = () => {
      looks += 1;
      if (looks === 2) chain.status = { commitment: 'finalized', slot: 5n, error: null };
    };
    expect(await fateOf(BLOCKHASH_LIVED)).toBe('landed');
  });

  it('with a signature that nobody knows can be called over, never dead', async () => {
    const unknown = record(BLOCKHASH_LIVED, { transactionSignature: null });
    finalizedAt(LAST_VALID);
    expect(await kindOf(unknown)).toBe('alive');
    finalizedAt(LAST_VALID + 1n);
    expect(await kindOf(unknown)).toBe('unknowable');
    expect(chain.asked).not.toContain('getSignatureStatuses');
  });
});

describe('what lives by a durable nonce', () => {
  const transaction = nonceTransaction(NONCE);

  it('is alive however long its nonce is stored', async () => {
    hold(nonceAccount(NONCE));
    finalizedAt(1_000_000n);
    chain.oldestBlock = 999_000n;
    expect(await fateOf(transaction)).toBe('unused_nonce');
  });

  it.each<[string, () => void]>([
    ['moved on', () => hold(nonceAccount(key(10)))],
    ['was withdrawn with its account', () => chain.held.clear()],
    ['is not initialized any more', () => hold(nonceAccount(NONCE, SYSTEM_PROGRAM, 0))],
  ])('is dead when its nonce %s', async (_case, change) => {
    hold(nonceAccount(NONCE));
    change();
    expect(await fateOf(transaction)).toBe('dead');
  });

  it.each<[string, () => void]>([
    ['is owned by another program', () => hold(nonceAccount(key(10), TOKEN_PROGRAM))],
    ['has another size', () => hold({ ...nonceAccount(key(10)), data: new Uint8Array(79) })],
  ])('is never called dead when its account %s', async (_case, change) => {
    change();
    expect(await fateOf(transaction)).toBe('alive');
  });

  it('and names a recent blockhash, which lands as any other, is alive as long as that', async () => {
    hold(nonceAccount(NONCE));
    const both = nonceTransaction(key(11));
    finalizedAt(LAST_VALID);
    expect(await fateOf(both)).toBe('alive');
    finalizedAt(LAST_VALID + 1n);
    expect(await fateOf(both)).toBe('dead');
  });

  it('is dead for a node that has every block since its nonce was last seen unused', async () => {
    hold(nonceAccount(NONCE));
    const request = record(transaction);
    finalizedAt(50_000n);
    chain.statusSlot = 60_000n;
    expect(await kindOf(request)).toBe('unused_nonce');
    hold(nonceAccount(key(10)));
    chain.oldestBlock = 50_001n;
    expect(await kindOf(request)).toBe('unproven');
    chain.oldestBlock = 50_000n;
    expect(await kindOf(request)).toBe('dead');
    unusedUntil.clear();
    expect(await kindOf(request)).toBe('unproven');
  });

  it('is dead though its account was read at a newer block than its nonce was asked about as a blockhash', async () => {
    hold(nonceAccount(key(10)));
    const { getFinalizedAccounts: ask } = chain;
    chain.getFinalizedAccounts = async (...asked) => ({ ...(await ask(...asked)), slot: LAST_VALID + 20n });
    expect(await fateOf(transaction)).toBe('dead');
    chain.statusSlot = LAST_VALID + 19n;
    expect(await fateOf(transaction)).toBe('unproven');
  });

  it('is not dead for one of several nodes by accounts from before the judgement, in which its nonce may be too new', async () => {
    const second = { ...chain };
    Object.assign(chain, { witnesses: 2, nodes: () => [chain, second] });
    const judged = record(transaction, { createdAt: 1_000_000 });
    hold(nonceAccount(key(10)));
    expect(await kindOf(judged)).toBe('dead');
    second.getFinalizedClock = async () => ({ slot: LAST_VALID + 1n, unixSeconds: 1_009n });
    expect(await kindOf(judged)).toBe('alive');
    second.getFinalizedClock = async () => ({ slot: LAST_VALID + 2n, unixSeconds: 1_010n });
    expect(await kindOf(judged)).toBe('alive');
    second.getFinalizedClock = async () => ({ slot: LAST_VALID + 1n, unixSeconds: 1_010n });
    expect(await kindOf(judged)).toBe('dead');
  });

  it('with a signature that nobody knows counts as used when its nonce moved on', async () => {
    const request = record(transaction, { transactionSignature: null });
    hold(nonceAccount(NONCE));
    expect(await kindOf(request)).toBe('unused_nonce');
    hold(nonceAccount(key(10)));
    expect(await kindOf(request)).toBe('unknowable');
  });
});

it('calls nothing dead whose recorded transaction cannot be read', async () => {
  expect(await fateOf(new Uint8Array([1, 2, 3]))).toBe('alive');
});

it('asks the chain once for all that are looked at together', async () => {
  hold(nonceAccount(key(10)));
  const requests = [...Array.from({ length: 300 }, () => record(BLOCKHASH_LIVED)), record(nonceTransaction(NONCE))];
  const sight = openSight({ chain, now: () => 0 }, requests, options);
  const fates = await Promise.all(requests.map((request) => sight.fate(request)));
  expect(new Set(fates.map(({ kind }) => kind))).toEqual(new Set(['dead']));
  expect(chain.asked).toEqual([
    'getSignatureStatuses',
    'getFinalizedBlock',
    'getFinalizedAccounts',
    'isBlockhashValid processed',
    'isBlockhashValid processed',
    'isBlockhashValid finalized',
    'isBlockhashValid finalized',
    'getSignatureStatuses',
    'getOldestBlock',
  ]);
});

function fateOf(transaction: Uint8Array): Promise<string> {
  return kindOf(record(transaction));
}

/** In a sight of its own. */
async function kindOf(request: RequestRecord): Promise<string> {
  return (await openSight({ chain, now: () => 0 }, [request], options).fate(request)).kind;
}

function finalizedAt(height: bigint): void {
  Object.assign(chain.heights, { processed: height + 32n, confirmed: height + 31n, finalized: height });
}

function hold(account: ReturnType<typeof nonceAccount>): void {
  chain.held.set(NONCE_ACCOUNT, account);
}

function record(transaction: Uint8Array, change: Partial<RequestRecord> = {}): RequestRecord {
  const requestId = randomUUID();
  const judgement = sampleJudgement({ transaction, lastValidBlockHeight: LAST_VALID });
  const sent = { requestId, judgement, transactionSignature: requestId, createdAt: 0 };
  return sampleSent(transaction, { state: 'SIGNED', ...sent, ...change });
}

function nonceTransaction(nonce: Address): Uint8Array {
  const lifetime = { nonce: toNonce(nonce), nonceAccountAddress: NONCE_ACCOUNT, nonceAuthorityAddress: WALLET };
  const source = createNoopSigner(WALLET);
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (m) => setTransactionMessageFeePayer(WALLET, m),
    (m) => setTransactionMessageLifetimeUsingDurableNonce(lifetime, m),
    (m) =>
      appendTransactionMessageInstructions([getTransferSolInstruction({ source, destination: WALLET, amount: 1n })], m),
  );
  return new Uint8Array(getTransactionEncoder().encode(compileTransaction(message)));
}

/** kit has no constructor of this brand. */
function toNonce(stored: string): Nonce {
  return stored as Nonce;
}

/** nonce::state::Versions::Current. */
function nonceAccount(nonce: Address, owner: Address = SYSTEM_PROGRAM, state = 1) {
  const data = new Uint8Array(80);
  data.set([1, 0, 0, 0, state], 0);
  data.set(decodeBase58(nonce) ?? [], 40);
  return { owner, lamports: 1n, data };
}

function key(byte: number): Address {
  return knownAddress(encodeBase58(new Uint8Array(32).fill(byte)));
}
