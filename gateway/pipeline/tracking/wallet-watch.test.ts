import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { address } from '@solana/kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ChainUnavailable } from '../../../relayer/chain-reader.ts';
import type { WalletHistory } from '../../../relayer/wallet-history.ts';
import { verifySignature } from '../../../signers/verify.ts';
import { solTransfer } from '../../../tour/transactions.ts';
import { addressFromBytes, encodeBase58 } from '../../core/base58.ts';
import type { Wallet } from '../../core/principal/principal.ts';
import type { RequestState } from '../../core/request/request-state.ts';
import { parseTransaction } from '../../core/transaction/parse.ts';
import { withSignature } from '../../core/transaction/wire.ts';
import type { State } from '../../state/contract/state.ts';
import { openState } from '../../state/open-state.ts';
import { sampleEntry, sampleJudgement, sampleRequest, sampleSigned } from '../../state/testing/sample-request.ts';
import { createTestDatabase, type TestDatabase } from '../../state/testing/test-database.ts';
import type { WalletRoute } from '../pipeline-deps.ts';
import { round } from './wallet-watch.ts';

const STRANGER = address('4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T');

interface Landed {
  readonly signature: string;
  readonly wire: Uint8Array;
}

let database: TestDatabase;
let state: State;
let wallet: Wallet;
let key: KeyObject;
/** What the node shows, the newest first. */
let landed: Landed[];
let isAway: boolean;
let fetched: number;
let told: string[];
let custody: 'process' | 'remote';

beforeAll(async () => {
  database = await createTestDatabase();
  state = await openState({ databaseUrl: database.url, instanceId: 'test' });
});

afterAll(async () => {
  await state.close();
  await database.drop();
});

beforeEach(async () => {
  [landed, isAway, fetched, told, custody] = [[], false, 0, [], 'remote'];
  const pair = generateKeyPairSync('ed25519');
  key = pair.privateKey;
  const raw = Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  wallet = { id: `w-${randomBytes(4).toString('hex')}`, address: addressFromBytes(new Uint8Array(raw)) };
  await state.wallets.sync([wallet]);
});

const history: WalletHistory = {
  async signaturesOf(_address, { until, before, limit }) {
    if (isAway) throw new ChainUnavailable('the node is away');
    const signatures = landed.map(({ signature }) => signature);
    const from = before === null ? 0 : signatures.indexOf(before) + 1;
    const to = until === null || !signatures.includes(until) ? signatures.length : signatures.indexOf(until);
    const shown = signatures.slice(from, Math.min(to, from + limit));
    return shown.map((signature) => ({ signature, slot: 1n, error: null }));
  },
  blockHeightAt: () => Promise.reject(new Error('not planned')),
  oldestBlockHeight: () => Promise.reject(new Error('not planned')),
  async transaction(signature) {
    fetched += 1;
    return landed.find((each) => each.signature === signature)?.wire ?? null;
  },
  lamportsOf: () => Promise.reject(new Error('not planned')),
  tokensOf: () => Promise.reject(new Error('not planned')),
};

async function look(): Promise<void> {
  await database.run('UPDATE wallet_checks SET due_at_ms = 0');
  const deps = {
    state,
    history,
    routes: new Map([[wallet.id, { wallet, signer: { custody } } as WalletRoute]]),
    verifySignature,
    warn: (_message: string, facts: Readonly<Record<string, string>>) =>
      void told.push(facts.transaction_signature ?? ''),
    now: Date.now,
    intervalMs: 60_000,
    observeForeign: () => undefined,
  };
  await round(deps, new AbortController().signal);
}

async function check() {
  const [found] = await state.walletChecks.list([wallet.id]);
  return found;
}

/** A transfer that this key signed as its only signer. */
function signedBy(by: KeyObject, from: Wallet['address'], to: Wallet['address'] = STRANGER): Landed {
  const parsed = parseTransaction(solTransfer(from, to, BigInt(`0x${randomBytes(4).toString('hex')}`)));
  if (parsed.kind === 'malformed') throw new Error('malformed');
  const signature = new Uint8Array(sign(null, parsed.value.messageBytes, by));
  return { signature: encodeBase58(signature), wire: withSignature(parsed.value, 0, signature) };
}

const ofWallet = () => signedBy(key, wallet.address);

/** A transfer of somebody else that only names the wallet. */
function dust(): Landed {
  const pair = generateKeyPairSync('ed25519');
  const raw = Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  return signedBy(pair.privateKey, addressFromBytes(new Uint8Array(raw)), wallet.address);
}

async function recordAsSigned(signature: string): Promise<void> {
  const request = sampleRequest();
  await state.requests.open(request, sampleEntry('request.signing', request.requestId));
  const signed = { ...sampleSigned(request.requestId), walletSignature: signature, transactionSignature: signature };
  await state.requests.advance(signed, sampleEntry('request.signed', request.requestId));
}

/** The wallet's signature over it did not arrive. */
async function recordAsAsked(wire: Uint8Array, to: RequestState, of: 'process' | 'remote'): Promise<void> {
  const parsed = parseTransaction(wire);
  if (parsed.kind === 'malformed') throw new Error('malformed');
  const messageDigest = new Uint8Array(createHash('sha256').update(parsed.value.messageBytes).digest());
  const request = sampleRequest(
    {
      judgement: sampleJudgement({ messageDigest }),
      custody: { wallet: of, feePayer: 'remote' },
      dueAt: Date.now() + 60_000,
    },
    { walletId: wallet.id },
  );
  const { requestId } = request;
  await state.requests.open(request, sampleEntry('request.signing', requestId));
  if (to === 'SIGNING') return;
  const change = {
    requestId,
    from: 'SIGNING',
    to,
    error: 'SIGNING_UNKNOWN: late',
    dueAt: Date.now() + 60_000,
  } as const;
  await state.requests.advance(change, sampleEntry('request.indeterminate', requestId));
}

describe('a wallet that is watched', () => {
  it('is not asked about what landed before', async () => {
    landed = [ofWallet(), ofWallet()];
    await look();
    await look();
    expect({ told, fetched }).toEqual({ told: [], fetched: 0 });
    expect(await check()).toMatchObject({ comparedSignature: landed[0]?.signature, foreign: 0, problem: null });
  });

  it('is told of each transaction that somebody else signed with its key, the oldest first', async () => {
    await look();
    const thefts = [ofWallet(), ofWallet()];
    const own = ofWallet();
    await recordAsSigned(own.signature);
    landed = [dust(), ...thefts, own, dust()];
    await look();
    await look();
    expect(told).toEqual(thefts.map(({ signature }) => signature).reverse());
    expect(await check()).toMatchObject({ foreign: 2, comparedSignature: landed[0]?.signature });
  });

  it('is known by its own signature where somebody else pays the fee', async () => {
    await look();
    const own = ofWallet();
    await recordAsSigned(own.signature);
    // The node knows it by another signature.
    landed = [{ signature: dust().signature, wire: own.wire }];
    await look();
    expect({ told, fetched }).toEqual({ told: [], fetched: 1 });
  });

  it.each<['process' | 'remote', 'process' | 'remote', RequestState, boolean]>([
    ['remote', 'remote', 'INDETERMINATE', false],
    ['remote', 'remote', 'SIGNING', false],
    ['remote', 'process', 'SIGNING', false],
    ['process', 'remote', 'SIGNING', false],
    ['process', 'process', 'SIGNING', true],
    ['remote', 'remote', 'SIGNING_FAILED', true],
  ])('of a key that was %s and is %s, whose request for it is %s: told is %s', async (asked, held, found, isTold) => {
    custody = held;
    await look();
    const leaked = ofWallet();
    await recordAsAsked(leaked.wire, found, asked);
    landed = [leaked];
    await look();
    expect(told).toEqual(isTold ? [leaked.signature] : []);
    // Of another wallet, or another message, nothing follows.
    const theft = ofWallet();
    landed = [theft, leaked];
    await look();
    expect(told).toContain(theft.signature);
  });

  it('under dust is looked at in steps, and nothing is left out', async () => {
    await look();
    const theft = ofWallet();
    landed = [theft, ...Array.from({ length: 60 }, dust)];
    await look();
    expect({ told, fetched }).toEqual({ told: [], fetched: 50 });
    await look();
    expect({ told, fetched }).toEqual({ told: [theft.signature], fetched: 61 });
  });

  it('is followed past the first page of the node', async () => {
    await look();
    const theft = ofWallet();
    const filler = dust();
    const names = Array.from({ length: 1_000 }, () => encodeBase58(new Uint8Array(randomBytes(64))));
    landed = [...names.map((signature) => ({ signature, wire: filler.wire })), theft];
    await look();
    expect(told).toEqual([theft.signature]);
  });
});

describe('a node that cannot be believed', () => {
  it.each<[string, () => Landed[], string]>([
    ['shows a signature that does not verify', () => [{ ...ofWallet(), wire: forged() }], 'without a valid signature'],
    ['lists what it does not have', () => [{ signature: ofWallet().signature, wire: null as never }], 'does not have'],
    ['shows what is no transaction', () => [{ ...ofWallet(), wire: new Uint8Array([1, 2]) }], 'cannot have landed'],
  ])('%s: that is said, and asked again', async (_name, shown, problem) => {
    await look();
    const first = dust();
    landed = [...shown(), first];
    await look();
    expect(told).toEqual([]);
    expect((await check())?.problem).toContain(problem);
    expect((await check())?.comparedSignature).toBe(first.signature);
    const theft = ofWallet();
    landed = [theft, first];
    await look();
    expect(told).toEqual([theft.signature]);
    expect((await check())?.problem).toBeNull();
  });

  it('or is away is said too, and what landed meanwhile is found later', async () => {
    await look();
    isAway = true;
    await look();
    expect((await check())?.problem).toBe('the node is away');
    [isAway, landed] = [false, [ofWallet()]];
    await look();
    expect(told).toHaveLength(1);
  });
});

function forged(): Uint8Array {
  return signedBy(generateKeyPairSync('ed25519').privateKey, wallet.address).wire;
}
