// Owns reading the cluster over JSON-RPC: each answer is parsed strictly, and whatever is odd means "unavailable".
import { setTimeout as delay } from 'node:timers/promises';
import type { Address } from '@solana/kit';
import {
  type ChainAccount,
  type ChainAccounts,
  type ChainReader,
  type ChainSimulation,
  ChainUnavailable,
  type Commitment,
  type FinalizedBlock,
  type FinalizedClock,
  type LatestBlockhash,
  MAX_WELCOME_BYTES,
  type OldestBlock,
  type SignatureStatuses,
  type SimulationAsk,
} from '../chain-reader.ts';
import { oldestSlot } from '../oldest-slot.ts';
import {
  readAccount,
  readBase58Hash,
  readBoolean,
  readContext,
  readList,
  readObject,
  readStatus,
  readU64,
  UnexpectedAnswer,
} from './answer-shape.ts';
import { ask } from './ask.ts';
import { createBlockhashCache } from './blockhash-cache.ts';
import { createEndCheck, type EndCheck } from './blockhash-end.ts';
import { createRpcClient, type RpcClient } from './json-rpc-client.ts';
import { readSimulation } from './simulation-answer.ts';

/** Limits of the cluster's RPC. */
const ACCOUNTS_PER_CALL = 100;
const STATUSES_PER_CALL = 256;

/** A transaction has at most 256 accounts, and each can lead to a few more. */
const MAX_ACCOUNTS = 1_000;

const CLOCK_SYSVAR = 'SysvarC1ock11111111111111111111111111111111';
/** Slot, start of the epoch, epoch, epoch of the leader schedule, unix timestamp; 8 bytes each. */
const CLOCK_BYTES = 40;
const CLOCK_UNIX_OFFSET = 32;

export const BLOCKHASH_MAX_AGE_MS = 2_000;
/** Below the second at which the readiness check asks: with it, a blockhash is always at hand. */
export const BLOCKHASH_REFRESH_AFTER_MS = 800;
/** A cluster makes a new blockhash with every slot, about every 400 ms. */
const BLOCKHASH_PAUSE_MS = 100;
const BLOCKHASH_ATTEMPTS = 30;
export const MAX_CHAIN_RESPONSE_BYTES = 16 * 1024 * 1024;

export interface RpcChainReaderOptions {
  /** http(s) URL. It may hold an API key: errors name its host only. */
  readonly url: string;
  /** For one call, connection included. */
  readonly timeoutMs: number;
  /** Default 16 MiB. */
  readonly maxResponseBytes?: number;
}

/** A chain reader over one RPC endpoint. @throws Error when the URL is none. */
export function createRpcChainReader(options: RpcChainReaderOptions): ChainReader {
  return chainReaderOver(createRpcClient({ maxResponseBytes: MAX_CHAIN_RESPONSE_BYTES, ...options }));
}

/** A chain reader over one node; closes it. */
export function chainReaderOver(client: RpcClient): ChainReader {
  const about = `RPC ${client.endpoint.host}`;
  const closed = new AbortController();
  const readBlockHeight = (commitment: Commitment, signal: AbortSignal): Promise<bigint> =>
    ask(client, 'getBlockHeight', [{ commitment }], signal, (result) => readU64(result, 'result'));
  const checkEnd = createEndCheck((signal) => readBlockHeight('confirmed', signal));
  const blockhashes = createBlockhashCache({
    load: () => readLatestBlockhash(client, checkEnd, closed.signal),
    maxAgeMs: BLOCKHASH_MAX_AGE_MS,
    refreshAfterMs: BLOCKHASH_REFRESH_AFTER_MS,
    now: () => performance.now(),
  });
  const reader: ChainReader = {
    host: client.endpoint.host,
    endpoints: 1,
    nodes: () => [reader],
    witnesses: 1,
    getAccounts: (addresses, signal, welcome = []) => readAccounts(client, addresses, welcome, signal),
    getLatestBlockhash: (signal) => unlessAborted(about, blockhashes.newest(), signal),
    blockhashAtHand: blockhashes.atHand,
    getBlockhashOtherThan: (blockhash, signal) => blockhashOtherThan(client, checkEnd, blockhash, signal),
    getBlockHeight: readBlockHeight,
    isBlockhashValid: (blockhash, commitment, signal) =>
      ask(client, 'isBlockhashValid', [blockhash, { commitment }], signal, (result) => {
        const { slot, value } = readContext(result);
        return { slot, isValid: readBoolean(value, 'result.value') };
      }),
    getSignatureStatuses: (signatures, signal) => readStatuses(client, signatures, signal),
    getFinalizedBlock: (signal) => readFinalizedBlock(client, signal),
    getFinalizedClock: (signal) => readFinalizedClock(client, signal),
    getOldestBlock: (signal) => readOldestBlock(client, signal),
    getFinalizedAccounts: (addresses, signal) => readFinalizedAccounts(client, addresses, signal),
    simulate: (what, signal) => simulate(client, what, signal),
    getGenesisHash: (signal) => ask(client, 'getGenesisHash', [], signal, (result) => readBase58Hash(result, 'result')),
    close: async () => {
      closed.abort(new Error('the chain reader is closed'));
      client.close();
    },
  };
  return reader;
}

async function blockhashOtherThan(
  client: RpcClient,
  checkEnd: EndCheck,
  blockhash: string,
  signal: AbortSignal,
): Promise<LatestBlockhash> {
  for (let attempt = 0; attempt < BLOCKHASH_ATTEMPTS; attempt++) {
    const latest = await readLatestBlockhash(client, checkEnd, signal);
    if (latest.blockhash !== blockhash) return latest;
    await unlessAborted(`RPC ${client.endpoint.host}`, delay(BLOCKHASH_PAUSE_MS), signal);
  }
  throw new ChainUnavailable(
    `${client.endpoint.host}: no new blockhash within ${BLOCKHASH_ATTEMPTS * BLOCKHASH_PAUSE_MS} ms`,
  );
}

async function readAccounts(
  client: RpcClient,
  addresses: readonly Address[],
  welcome: readonly Address[],
  signal: AbortSignal,
): Promise<ChainAccounts> {
  const needed = new Set(addresses);
  const also = new Set(welcome.filter((address) => !needed.has(address)));
  const count = needed.size + also.size;
  if (count > MAX_ACCOUNTS) {
    throw new ChainUnavailable(`${count} accounts at once are too many; at most ${MAX_ACCOUNTS} are asked for`);
  }
  const answers = await Promise.all([
    ...(count === 0 ? [[]] : chunksOf([...needed], ACCOUNTS_PER_CALL)).map((chunk) =>
      readAccountChunk(client, chunk, 'confirmed', null, signal),
    ),
    ...chunksOf([...also], ACCOUNTS_PER_CALL).map((chunk) =>
      readAccountChunk(client, chunk, 'confirmed', MAX_WELCOME_BYTES, signal),
    ),
  ]);
  const entries = answers.flatMap((answer) => answer.accounts);
  const isCut = ([address, account]: AccountEntry) =>
    also.has(address) && account !== null && account.data.length >= MAX_WELCOME_BYTES;
  return {
    // The oldest: what all of the answers together are at least as new as.
    slot: answers.map((answer) => answer.slot).reduce(oldestSlot),
    accounts: new Map(entries.filter((entry) => !isCut(entry))),
    glimpsed: new Map(entries.filter(isCut).map(([address, account]) => [address, [account]])),
  };
}

type AccountEntry = readonly [Address, ChainAccount | null];

/** `maxBytes`: of the data of each; `null`: all. */
function readAccountChunk(
  client: RpcClient,
  addresses: readonly Address[],
  commitment: Commitment,
  maxBytes: number | null,
  signal: AbortSignal,
): Promise<{ readonly slot: bigint; readonly accounts: readonly AccountEntry[] }> {
  const config = { encoding: 'base64', commitment };
  const sliced = maxBytes === null ? config : { ...config, dataSlice: { offset: 0, length: maxBytes } };
  return ask(client, 'getMultipleAccounts', [addresses, sliced], signal, (result) => {
    const { slot, value } = readContext(result);
    const list = readList(value, 'result.value', addresses.length);
    const accounts = addresses.map((address, index) => {
      return [address, readAccount(list[index], `result.value[${index}]`, maxBytes)] as const;
    });
    return { slot, accounts };
  });
}

async function readFinalizedAccounts(
  client: RpcClient,
  addresses: readonly Address[],
  signal: AbortSignal,
): Promise<Omit<ChainAccounts, 'glimpsed'>> {
  const chunks = addresses.length === 0 ? [[]] : chunksOf([...new Set(addresses)], ACCOUNTS_PER_CALL);
  const answers = await Promise.all(chunks.map((chunk) => readAccountChunk(client, chunk, 'finalized', null, signal)));
  return {
    slot: answers.map((answer) => answer.slot).reduce(oldestSlot),
    accounts: new Map(answers.flatMap((answer) => answer.accounts)),
  };
}

async function readStatuses(
  client: RpcClient,
  signatures: readonly string[],
  signal: AbortSignal,
): Promise<SignatureStatuses> {
  const chunks = signatures.length === 0 ? [[]] : chunksOf(signatures, STATUSES_PER_CALL);
  const answers = chunks.map((chunk) =>
    ask(client, 'getSignatureStatuses', [chunk, { searchTransactionHistory: true }], signal, (result) => {
      const { slot, value } = readContext(result);
      const statuses = readList(value, 'result.value', chunk.length);
      return { slot, statuses: statuses.map((status, index) => readStatus(status, `result.value[${index}]`)) };
    }),
  );
  const all = await Promise.all(answers);
  return { slot: all.map(({ slot }) => slot).reduce(oldestSlot), statuses: all.flatMap(({ statuses }) => statuses) };
}

/** Slot and height of one block; two calls could be answered by two nodes. */
function readFinalizedBlock(client: RpcClient, signal: AbortSignal): Promise<FinalizedBlock> {
  return ask(client, 'getEpochInfo', [{ commitment: 'finalized' satisfies Commitment }], signal, (result) => {
    const { absoluteSlot, blockHeight } = readObject(result, 'result');
    return {
      slot: readU64(absoluteSlot, 'result.absoluteSlot'),
      blockHeight: readU64(blockHeight, 'result.blockHeight'),
    };
  });
}

/** The account is read and not getBlockTime: of the newest blocks that is told late, or not at all. */
function readFinalizedClock(client: RpcClient, signal: AbortSignal): Promise<FinalizedClock> {
  const config = { encoding: 'base64', commitment: 'finalized' satisfies Commitment };
  return ask(client, 'getAccountInfo', [CLOCK_SYSVAR, config], signal, (result) => {
    const account = readAccount(readContext(result).value, 'result.value');
    if (account?.data.length !== CLOCK_BYTES) throw new UnexpectedAnswer('result.value', 'the Clock sysvar');
    const { buffer, byteOffset, byteLength } = account.data;
    const view = new DataView(buffer, byteOffset, byteLength);
    return { slot: view.getBigUint64(0, true), unixSeconds: view.getBigInt64(CLOCK_UNIX_OFFSET, true) };
  });
}

/** A node that has no block yet, or cannot read its ledger, names slot 0: only a block that it shows is one that it has. */
async function readOldestBlock(client: RpcClient, signal: AbortSignal): Promise<OldestBlock> {
  const slot = await ask(client, 'getFirstAvailableBlock', [], signal, (result) => readU64(result, 'result'));
  const config = {
    commitment: 'finalized' satisfies Commitment,
    transactionDetails: 'none',
    rewards: false,
  };
  return ask(client, 'getBlock', [slot, config], signal, (result) => {
    const { blockHeight } = readObject(result, 'result');
    return {
      slot,
      blockHeight: (blockHeight ?? null) === null ? slot : readU64(blockHeight, 'result.blockHeight'),
    };
  });
}

function simulate(client: RpcClient, what: SimulationAsk, signal: AbortSignal): Promise<ChainSimulation> {
  const { wire, postStatesOf, minContextSlot } = what;
  const config = {
    encoding: 'base64',
    commitment: 'confirmed' satisfies Commitment,
    sigVerify: false,
    replaceRecentBlockhash: false,
    innerInstructions: true,
    accounts: { encoding: 'base64', addresses: postStatesOf },
    ...(minContextSlot === null ? {} : { minContextSlot }),
  };
  const params = [Buffer.from(wire).toString('base64'), config];
  return ask(client, 'simulateTransaction', params, signal, (result) => readSimulation(result, postStatesOf));
}

async function readLatestBlockhash(
  client: RpcClient,
  checkEnd: EndCheck,
  signal: AbortSignal,
): Promise<LatestBlockhash> {
  const latest = await ask(client, 'getLatestBlockhash', [{ commitment: 'confirmed' }], signal, (result) => {
    const { blockhash, lastValidBlockHeight } = readObject(readContext(result).value, 'result.value');
    return {
      blockhash: readBase58Hash(blockhash, 'result.value.blockhash'),
      lastValidBlockHeight: readU64(lastValidBlockHeight, 'result.value.lastValidBlockHeight'),
    };
  });
  return checkEnd(latest, signal);
}

/** The shared answer, or ChainUnavailable as soon as this caller gives up; others go on waiting. */
export async function unlessAborted<T>(who: string, answer: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(new ChainUnavailable(`${who}: the caller gave up`, { cause: signal.reason }));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function chunksOf<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
