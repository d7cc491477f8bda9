// Owns reading a wallet's history over JSON-RPC: each answer is parsed strictly, and whatever is odd means "unavailable".
import { type Address, getAddressDecoder } from '@solana/kit';
import type { HistoryAsk, LandedSignature, TokenHolding, WalletHistory } from '../wallet-history.ts';
import {
  readAccount,
  readContext,
  readList,
  readListUpTo,
  readObject,
  readRuntimeError,
  readU64,
  UnexpectedAnswer,
} from './answer-shape.ts';
import { ask } from './ask.ts';
import type { RpcClient } from './json-rpc-client.ts';

const COMMITMENT = 'finalized';
const TOKEN_PROGRAMS = [
  'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA',
  'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb',
] as const;
const SIGNATURE = /^[1-9A-HJ-NP-Za-km-z]{64,88}$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
/** Mint, owner and amount of a token account. */
const HELD_BYTES = 72;
const AMOUNT_OFFSET = 64;
/** In a mint. */
const DECIMALS_OFFSET = 44;
/** Of one call. Anybody can send a wallet tokens: the rest is not shown. */
const MOST_MINTS = 100;

/** As one node shows it; whoever opened the client closes it. */
export function walletHistoryOver(client: RpcClient): WalletHistory {
  return {
    signaturesOf: (address, page, signal) =>
      ask(client, 'getSignaturesForAddress', [address, historyConfig(page)], signal, (result) =>
        readSignatures(result, page.limit),
      ),
    blockHeightAt: (slot, signal) => blockHeightAt(client, slot, signal),
    // A node that has no block yet, or cannot read its ledger, names slot 0: only a block that it shows is one that it has.
    oldestBlockHeight: async (signal) => {
      const slot = await ask(client, 'getFirstAvailableBlock', [], signal, (result) => readU64(result, 'result'));
      return blockHeightAt(client, slot, signal);
    },
    transaction: (signature, signal) => {
      const config = { encoding: 'base64', commitment: COMMITMENT, maxSupportedTransactionVersion: 1 };
      return ask(client, 'getTransaction', [signature, config], signal, readWire);
    },
    lamportsOf: (address, signal) =>
      ask(client, 'getBalance', [address, { commitment: COMMITMENT }], signal, (result) =>
        readU64(readContext(result).value, 'value'),
      ),
    tokensOf: (owner, signal) => tokensOf(client, owner, signal),
  };
}

interface Held {
  readonly mint: Address;
  readonly amount: bigint;
}

async function tokensOf(client: RpcClient, owner: Address, signal: AbortSignal): Promise<readonly TokenHolding[]> {
  const config = { encoding: 'base64', commitment: COMMITMENT, dataSlice: { offset: 0, length: HELD_BYTES } };
  const read = TOKEN_PROGRAMS.map((programId) =>
    ask(client, 'getTokenAccountsByOwner', [owner, { programId }, config], signal, readHeld),
  );
  const sums = summed((await Promise.all(read)).flat());
  const mints = [...sums.keys()].sort().slice(0, MOST_MINTS);
  if (mints.length === 0) return [];
  const slice = { encoding: 'base64', commitment: COMMITMENT, dataSlice: { offset: DECIMALS_OFFSET, length: 1 } };
  const decimals = await ask(client, 'getMultipleAccounts', [mints, slice], signal, (result) =>
    readDecimals(result, mints),
  );
  return mints.map((mint) => ({ mint, amount: sums.get(mint) ?? 0n, decimals: decimals.get(mint) ?? 0 }));
}

function historyConfig({ until, before, limit, minContextSlot }: HistoryAsk): Readonly<Record<string, unknown>> {
  return {
    commitment: COMMITMENT,
    limit,
    ...(until === null ? {} : { until }),
    ...(before === null ? {} : { before }),
    ...(minContextSlot === null ? {} : { minContextSlot }),
  };
}

function readSignatures(result: unknown, limit: number): readonly LandedSignature[] {
  return readListUpTo(result, 'result', limit).map((entry, i) => {
    const { signature, slot, err } = readObject(entry, `entry ${i}`);
    if (typeof signature !== 'string' || !SIGNATURE.test(signature))
      throw new UnexpectedAnswer(`result[${i}]`, 'a signature');
    if (err === undefined) throw new UnexpectedAnswer(`result[${i}].err`, 'there');
    return {
      signature,
      slot: readU64(slot, `result[${i}].slot`),
      error: err === null ? null : readRuntimeError(err, `result[${i}].err`),
    };
  });
}

/** Early blocks of a cluster do not say theirs: it is never above the slot. */
function blockHeightAt(client: RpcClient, slot: bigint, signal: AbortSignal): Promise<bigint> {
  const config = { commitment: COMMITMENT, transactionDetails: 'none', rewards: false };
  return ask(client, 'getBlock', [slot, config], signal, (result) => {
    const { blockHeight } = readObject(result, 'result');
    return (blockHeight ?? null) === null ? slot : readU64(blockHeight, 'result.blockHeight');
  });
}

function readWire(result: unknown): Uint8Array | null {
  if (result === null) return null;
  const { transaction } = readObject(result, 'result');
  const [text, encoding] = Array.isArray(transaction) ? transaction : [];
  if (typeof text !== 'string' || encoding !== 'base64' || !BASE64.test(text)) {
    throw new UnexpectedAnswer('result.transaction', 'base64');
  }
  return new Uint8Array(Buffer.from(text, 'base64'));
}

/** Mint and amount of each token account: both programs keep them at the same place. */
function readHeld(result: unknown): readonly Held[] {
  const { value } = readContext(result);
  if (!Array.isArray(value)) throw new UnexpectedAnswer('result.value', 'a list');
  return value.map((entry, i) => {
    const { account } = readObject(entry, `result.value[${i}]`);
    const data = readAccount(account, `result.value[${i}].account`, HELD_BYTES)?.data;
    if (data?.length !== HELD_BYTES) throw new UnexpectedAnswer(`result.value[${i}]`, 'the start of a token account');
    const amount = new DataView(data.buffer, data.byteOffset).getBigUint64(AMOUNT_OFFSET, true);
    return { mint: getAddressDecoder().decode(data.subarray(0, 32)), amount };
  });
}

function readDecimals(result: unknown, mints: readonly Address[]): ReadonlyMap<Address, number> {
  const list = readList(readContext(result).value, 'result.value', mints.length);
  return new Map(
    mints.map((mint, i) => {
      const [decimals] = readAccount(list[i], `result.value[${i}]`, 1)?.data ?? [];
      if (decimals === undefined) throw new UnexpectedAnswer(`result.value[${i}]`, 'a mint');
      return [mint, decimals];
    }),
  );
}

function summed(all: readonly Held[]): ReadonlyMap<Address, bigint> {
  const sums = new Map<Address, bigint>();
  for (const { mint, amount } of all) sums.set(mint, (sums.get(mint) ?? 0n) + amount);
  return sums;
}
