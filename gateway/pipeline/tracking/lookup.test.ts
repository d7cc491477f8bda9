import { generateKeyPairSync, type KeyObject, sign as signWith } from 'node:crypto';
import { type Address, createNoopSigner } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { beforeEach, describe, expect, it } from 'vitest';
import type { FeePayer } from '../../../relayer/fee-payer.ts';
import { verifySignature } from '../../../signers/verify.ts';
import { solTransfer, wireTransaction } from '../../../tour/transactions.ts';
import { addressFromBytes, encodeBase58 } from '../../core/base58.ts';
import { parseTransaction } from '../../core/transaction/parse.ts';
import { withSignature } from '../../core/transaction/wire.ts';
import type { KeyCustody, RequestRecord } from '../../state/contract/request-store.ts';
import { sampleJudgement, sampleRequest } from '../../state/testing/sample-request.ts';
import { hex, sha256 } from '../digest.ts';
import type { WalletRoute } from '../pipeline-deps.ts';
import { scriptedChain } from '../testing/scripted-chain.ts';
import { type ScriptedHistory, type ScriptedLanding, scriptedHistory } from '../testing/scripted-history.ts';
import { createLookup, type Lookup } from './lookup.ts';

/** The lifetime was over here, and nothing can have landed below. */
const END = { slot: 10_000n, earliest: 9_700n };

const [wallet, stranger] = [keyPair(), keyPair()];
let histories: ScriptedHistory[];
let witnesses: number;
/** What the record says of signatures. */
let recorded: Map<string, string>;
let lookup: Lookup;

beforeEach(() => {
  [histories, witnesses, recorded] = [[scriptedHistory()], 1, new Map()];
  reopen();
});

describe('a transaction that is looked for by its message', () => {
  it('has landed where it is listed, with whatever error', async () => {
    const sought = transfer(1n);
    const landed = landedAs(sought, 9_800n);
    show(dust(9_900n), landed, dust(9_750n));
    expect(await find(sought)).toEqual({
      kind: 'landed',
      status: { commitment: 'finalized', slot: 9_800n, error: null },
      transactionSignature: landed.signature,
    });
    show({ ...landed, error: '"x"' });
    expect(await find(sought)).toMatchObject({ kind: 'landed', status: { error: '"x"' } });
  });

  it('is dead where a node that has the whole history does not list it', async () => {
    show(dust(9_900n));
    expect(await find(transfer(1n))).toEqual({ kind: 'dead' });
    oldest(END.earliest);
    expect(await find(transfer(1n))).toEqual({ kind: 'dead' });
    oldest(END.earliest + 1n);
    expect(await find(transfer(1n))).toEqual({ kind: 'unknowable' });
  });

  it.each<[string, () => void]>([
    ['is away', () => (first().isAway = true)],
    ['has not finalized the slot in which its lifetime was over', () => (first().slot = END.slot - 1n)],
    ['lists what it does not have', () => show({ ...dust(9_900n), wire: new Uint8Array() })],
    ['shows another transaction than it lists', () => show({ ...dust(9_900n), wire: dust(9_900n).wire })],
    ['shows it under a signature of another key', () => show(landedAs(transfer(1n), 9_900n, stranger.key))],
  ])('is not proved to be anything by a node that %s', async (_case, change) => {
    change();
    expect(await find(transfer(1n))).toEqual({ kind: 'unproven' });
  });

  it('is asked for among what may be it only, once each', async () => {
    show(...range(3, (i) => dust(10_001n + BigInt(i))), dust(9_900n), ...range(400, (i) => dust(9_000n - BigInt(i))));
    expect(await find(transfer(1n))).toEqual({ kind: 'dead' });
    expect(fetched()).toBe(1);
    expect(await find(transfer(2n))).toEqual({ kind: 'dead' });
    expect(fetched()).toBe(1);
  });

  it('is not fetched where the record knows what landed', async () => {
    const own = landedAs(transfer(5n), 9_900n);
    recorded.set(own.signature, digestOf(own.wire));
    show(own);
    expect(await find(transfer(1n))).toEqual({ kind: 'dead' });
    expect(fetched()).toBe(0);
  });

  it('among very many is found in several looks', async () => {
    const sought = transfer(1n);
    show(...range(150, () => dust(9_900n)), landedAs(sought, 9_800n));
    expect(await find(sought)).toEqual({ kind: 'unproven' });
    expect(fetched()).toBe(100);
    expect(await find(sought)).toMatchObject({ kind: 'landed' });
  });

  it('among more than is ever listed cannot be told', async () => {
    const { wire } = dust(9_900n);
    show(...range(10_000, (i) => ({ signature: `s${i}`, slot: 9_900n, error: null, wire })));
    expect(await find(transfer(1n))).toEqual({ kind: 'unknowable' });
  });

  it('is searched for once with all others of its wallet', async () => {
    const landed = transfer(2n);
    show(landedAs(landed, 9_900n));
    const findings = await Promise.all([transfer(1n), landed, transfer(3n)].map(find));
    expect(findings.map(({ kind }) => kind)).toEqual(['dead', 'landed', 'dead']);
    // The first begins at once, and the others together.
    expect(first().asked.filter((method) => method === 'signaturesOf')).toHaveLength(2);
  });

  it('is dead only where as many nodes show that as must', async () => {
    histories = [scriptedHistory(), scriptedHistory(), scriptedHistory()];
    witnesses = 2;
    reopen();
    expect(await find(transfer(1n))).toEqual({ kind: 'dead' });
    expect(histories[2]?.asked).toEqual([]);
    for (const away of histories.slice(1)) away.isAway = true;
    expect(await find(transfer(1n))).toEqual({ kind: 'unproven' });
    const sought = transfer(2n);
    const landed = landedAs(sought, 9_900n);
    for (const [i, history] of histories.entries())
      Object.assign(history, { isAway: false, landed: i === 1 ? [landed] : [] });
    expect(await find(sought)).toMatchObject({ kind: 'landed' });
  });
});

describe('a transaction that is read where it landed', () => {
  const paid = wireTransaction(stranger.address, [
    getTransferSolInstruction({
      source: createNoopSigner(wallet.address),
      destination: stranger.address,
      amount: 7n,
    }),
  ]);

  it.each([
    ['with the signature of the wallet', wallet.key, true],
    ['without one where that of the wallet is not valid', stranger.key, false],
  ])('comes %s', async (_case, by, isOwn) => {
    const own = new Uint8Array(signWith(null, compiled(paid).messageBytes, by));
    const { signature, ...landed } = landedAs(paid, 9_900n, stranger.key);
    const wire = withSignature(compiled(landed.wire), 1, own);
    show({ ...landed, signature, wire });
    expect(await lookup.read(requestOf(paid), signature)).toEqual({
      wire,
      walletSignature: isOwn ? encodeBase58(own) : null,
    });
  });
});

describe('a recorded signature', () => {
  const pays = { walletSignature: 'a', transactionSignature: 'a' };

  it.each<[string, 'process' | 'remote' | null, KeyCustody, Partial<RequestRecord>, boolean]>([
    ['by a key in this process that pays', 'process', BOTH, pays, true],
    ['by a key that was elsewhere', 'process', { ...BOTH, wallet: 'remote' }, pays, false],
    ['by a key that is elsewhere now', 'remote', BOTH, pays, false],
    ['by a key that is not configured any more', null, BOTH, pays, false],
    ['of who else pays', 'process', BOTH, { ...pays, transactionSignature: 'b' }, false],
    ['that is none', 'process', BOTH, { walletSignature: 'a' }, false],
  ])('%s: by a %s key of today, asked as %j', (_case, now, custody, signatures, isNamed) => {
    reopen(now);
    expect(lookup.isNamed({ ...requestOf(transfer(1n)), ...signatures, custody })).toBe(isNamed);
  });
});

describe('the recorded signature of who pays', () => {
  const signed = { transactionSignature: 'p', walletSignature: 'w' };
  const paid = solTransfer(stranger.address, wallet.address, 1n);

  const here: FeePayerKey = { address: stranger.address, custody: 'process' };
  const asked: KeyCustody = { wallet: 'remote', feePayer: 'process' };

  it.each<[string, FeePayerKey | null, KeyCustody, Uint8Array, boolean]>([
    ['by a key in this process', here, asked, paid, true],
    ['by a key that was elsewhere, or was not asked', here, { ...BOTH, feePayer: 'remote' }, paid, false],
    ['by a key that is elsewhere now', { ...here, custody: 'remote' }, asked, paid, false],
    ['by a key that is not configured any more', null, asked, paid, false],
    ['that is not told', { ...here, address: null }, asked, paid, false],
    ['who is not the one of this gateway', here, asked, transfer(1n), false],
  ])('%s: %j, asked as %j', (_case, feePayer, custody, transaction, isNamed) => {
    reopen('remote', feePayer);
    const request = { ...requestOf(transaction), custody };
    expect(lookup.isNamed({ ...request, ...signed })).toBe(isNamed);
    expect(lookup.isNamed({ ...request, ...signed, walletSignature: null })).toBe(isNamed);
    expect(lookup.isNamed(request)).toBe(false);
  });
});

type FeePayerKey = Pick<FeePayer, 'address' | 'custody'>;

const BOTH: KeyCustody = { wallet: 'process', feePayer: 'process' };

/** `custody`: of the wallet's key; `null`: it is not configured. */
function reopen(custody: 'process' | 'remote' | null = 'remote', feePayer: FeePayerKey | null = null): void {
  const chain = { ...scriptedChain(), witnesses };
  const route = { wallet: { id: 'treasury', address: wallet.address }, signer: { custody }, feePayer };
  const routes = custody === null ? [] : ([['treasury', route as WalletRoute]] as const);
  const deps = {
    chain,
    histories,
    routes: new Map(routes),
    verifySignature,
    state: {
      walletChecks: {
        messagesOf: async (of: readonly string[]) => new Map([...recorded].filter(([s]) => of.includes(s))),
      },
    },
  };
  lookup = createLookup(deps, new AbortController().signal);
}

/** Asks again when what it asked for was searched. */
async function find(wire: Uint8Array) {
  const request = requestOf(wire);
  expect(lookup.find(request, END)).toEqual({ kind: 'searching' });
  await lookup.ended();
  return lookup.find(request, END);
}

function first(): ScriptedHistory {
  const [history] = histories;
  if (history === undefined) throw new Error('no node');
  return history;
}

function show(...landed: readonly ScriptedLanding[]): void {
  first().landed = [...landed];
}

function oldest(height: bigint): void {
  first().oldestHeight = height;
}

function fetched(): number {
  return first().asked.filter((method) => method === 'transaction').length;
}

function requestOf(transaction: Uint8Array): RequestRecord {
  const messageDigest = new Uint8Array(Buffer.from(digestOf(transaction), 'hex'));
  const { requestId, ask, askDigest } = sampleRequest();
  const none = { approvalId: null, signedTransaction: null, walletSignature: null, transactionSignature: null };
  const judgement = sampleJudgement({ transaction, messageDigest });
  return {
    requestId,
    ask,
    askDigest,
    judgement,
    state: 'INDETERMINATE',
    custody: BOTH,
    ...none,
    slot: null,
    error: null,
    isDue: true,
    createdAt: 0,
    updatedAt: 0,
  };
}

function transfer(amount: bigint): Uint8Array {
  return solTransfer(wallet.address, stranger.address, amount);
}

function landedAs(wire: Uint8Array, slot: bigint, by: KeyObject = wallet.key): ScriptedLanding {
  const parsed = compiled(wire);
  const signature = new Uint8Array(signWith(null, parsed.messageBytes, by));
  return { signature: encodeBase58(signature), slot, error: null, wire: withSignature(parsed, 0, signature) };
}

let dusted = 0n;
/** Of somebody else, that only names the wallet. */
function dust(slot: bigint): ScriptedLanding {
  dusted += 1n;
  return landedAs(solTransfer(stranger.address, wallet.address, dusted), slot, stranger.key);
}

function digestOf(wire: Uint8Array): string {
  return hex(sha256(compiled(wire).messageBytes));
}

function compiled(wire: Uint8Array) {
  const parsed = parseTransaction(wire);
  if (parsed.kind === 'malformed') throw new Error('malformed');
  return parsed.value;
}

function keyPair(): { readonly key: KeyObject; readonly address: Address } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
  return { key: privateKey, address: addressFromBytes(raw) };
}

function range<T>(count: number, make: (i: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
