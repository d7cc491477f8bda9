// Proves that a simulation is read in every form that nodes give, and that every odd answer is an outage.
import { address, blockhash as asBlockhash, generateKeyPairSigner, type KeyPairSigner } from '@solana/kit';
import {
  findAssociatedTokenPda,
  getCreateAssociatedTokenIdempotentInstruction,
  TOKEN_PROGRAM_ADDRESS,
} from '@solana-program/token';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeBase58 } from '../base58.ts';
import { type ChainReader, type ChainSimulation, ChainUnavailable } from '../chain-reader.ts';
import { type Localnet, startLocalnet } from '../localnet/localnet.ts';
import { createTestToken } from '../localnet/test-token.ts';
import { fundedSigner, signedWith, transferInstruction, wireOf } from '../localnet/testing/signed-transaction.ts';
import { createRpcChainReader } from './rpc-chain-reader.ts';
import { answerResult, type NastyServer, OUTAGES, startNastyServer } from './testing/nasty-server.ts';

const { signal } = new AbortController();
const SYSTEM_PROGRAM = address('11111111111111111111111111111111');
const TOKEN_PROGRAM = address('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');
const ASKED = [SYSTEM_PROGRAM, TOKEN_PROGRAM];
const TRANSFER = Uint8Array.of(2, 0, 0, 0, 128, 150, 152, 0, 0, 0, 0, 0);
const ASK = { wire: new Uint8Array([1, 2, 3]), postStatesOf: ASKED, minContextSlot: 5n };

describe('a simulation on a working chain', () => {
  let localnet: Localnet;
  let reader: ChainReader;
  let payer: KeyPairSigner;
  const wireWith = async (amount: bigint) => {
    const { blockhash, lastValidBlockHeight } = await reader.getLatestBlockhash(signal);
    const lifetime = { blockhash: asBlockhash(blockhash), lastValidBlockHeight };
    return wireOf(await signedWith(0, payer, lifetime, [transferInstruction(payer, TOKEN_PROGRAM, amount)]));
  };

  beforeAll(async () => {
    localnet = await startLocalnet();
    reader = createRpcChainReader({ url: localnet.rpcUrl, timeoutMs: 5_000 });
    payer = await fundedSigner(localnet.rpcUrl);
  });
  afterAll(async () => {
    await reader.close();
    await localnet.stop();
  });

  it('tells the states after, units and no calls', async () => {
    const { slot } = await reader.getAccounts([payer.address], signal);
    const wire = await wireWith(1_000_000n);
    const answer = await reader.simulate({ wire, postStatesOf: [payer.address], minContextSlot: slot }, signal);
    expect(answer).toEqual({
      status: 'succeeded',
      slot: expect.any(BigInt),
      unitsConsumed: 150n,
      innerCalls: [],
      postStates: new Map([
        [payer.address, { owner: SYSTEM_PROGRAM, lamports: 9_998_995_000n, data: new Uint8Array() }],
      ]),
    });
  });

  it('tells which instructions ran inside', async () => {
    const { mint } = await createTestToken(localnet.rpcUrl, { owner: payer.address, amount: 1n });
    const { address: owner } = await generateKeyPairSigner();
    const [ata] = await findAssociatedTokenPda({ owner, mint, tokenProgram: TOKEN_PROGRAM_ADDRESS });
    const create = getCreateAssociatedTokenIdempotentInstruction({ payer, ata, owner, mint });
    const { blockhash, lastValidBlockHeight } = await reader.getLatestBlockhash(signal);
    const lifetime = { blockhash: asBlockhash(blockhash), lastValidBlockHeight };
    const wire = wireOf(await signedWith(0, payer, lifetime, [create]));
    const answer = succeeded(await reader.simulate({ wire, postStatesOf: [ata], minContextSlot: null }, signal));
    expect(answer.innerCalls?.map(({ index, calls }) => [index, calls.length])).toEqual([[0, 4]]);
    expect(answer.innerCalls?.[0]?.calls[1]).toMatchObject({ form: 'compiled', stackHeight: 2, data: { length: 52 } });
    expect(answer.postStates?.get(ata)).toMatchObject({ owner: TOKEN_PROGRAM_ADDRESS, lamports: 2_039_280n });
  });

  it('takes a transaction that fails for an answer', async () => {
    const wire = await wireWith(10n ** 15n);
    const answer = await reader.simulate({ wire, postStatesOf: [payer.address], minContextSlot: null }, signal);
    expect(answer).toMatchObject({ status: 'failed', error: '{"InstructionError":[0,{"Custom":1}]}' });
  });

  it('is unavailable where the node has not seen the slot, or is asked for more accounts than there are', async () => {
    const wire = await wireWith(1n);
    const ask = { wire, postStatesOf: [payer.address], minContextSlot: null };
    await expect(reader.simulate({ ...ask, minContextSlot: 10n ** 15n }, signal)).rejects.toThrow(/-32016/);
    const postStatesOf = Array.from({ length: 4 }, () => payer.address);
    await expect(reader.simulate({ ...ask, postStatesOf }, signal)).rejects.toThrow(/Too many inputs/);
  });
});

describe('a simulation on a node that misbehaves', () => {
  let server: NastyServer;
  let reader: ChainReader;
  beforeEach(async () => {
    server = await startNastyServer();
    reader = createRpcChainReader({ url: server.url, timeoutMs: 300 });
  });
  afterEach(async () => {
    await reader.close();
    await server.close();
  });
  const simulate = () => reader.simulate(ASK, signal);
  const answered = (value: object) => server.behave(answerResult({ context: { slot: 9 }, value }));

  it.each(OUTAGES)('is unavailable when the node %s', async (_case, behaviour) => {
    server.behave(behaviour);
    await expect(simulate()).rejects.toThrow(ChainUnavailable);
  });

  it('asks for what it needs, and for nothing to be changed', async () => {
    answered(GOOD);
    await simulate();
    expect(server.calls[0]).toMatchObject({
      method: 'simulateTransaction',
      params: [
        'AQID',
        {
          encoding: 'base64',
          commitment: 'confirmed',
          sigVerify: false,
          replaceRecentBlockhash: false,
          innerInstructions: true,
          minContextSlot: 5,
          accounts: { encoding: 'base64', addresses: ASKED },
        },
      ],
    });
  });

  it('reads calls by index, by address, and named by the node', async () => {
    const parsed = { type: 'transfer', info: { lamports: '9007199254740993' } };
    const calls = [
      { programIdIndex: 2, accounts: [0, 1], data: encodeBase58(TRANSFER), stackHeight: 2 },
      { programId: TOKEN_PROGRAM, accounts: [SYSTEM_PROGRAM], data: '', stackHeight: 3 },
      { program: 'system', programId: SYSTEM_PROGRAM, parsed, stackHeight: 3 },
      { program: 'spl-memo', programId: TOKEN_PROGRAM, parsed: 'hello', stackHeight: 2 },
    ];
    answered({ ...GOOD, innerInstructions: [{ index: 1, instructions: calls }] });
    expect(succeeded(await simulate()).innerCalls).toEqual([
      {
        index: 1,
        calls: [
          {
            form: 'compiled',
            stackHeight: 2,
            programIndex: 2,
            accountIndexes: [0, 1],
            data: TRANSFER,
          },
          {
            form: 'resolved',
            stackHeight: 3,
            program: TOKEN_PROGRAM,
            accounts: [SYSTEM_PROGRAM],
            data: new Uint8Array(),
          },
          { form: 'parsed', stackHeight: 3, program: SYSTEM_PROGRAM, parsed },
          { form: 'parsed', stackHeight: 2, program: TOKEN_PROGRAM, parsed: 'hello' },
        ],
      },
    ]);
  });

  it('says what a node does not tell: that is not nothing', async () => {
    for (const nothing of [null, undefined]) {
      answered({ ...GOOD, innerInstructions: nothing, accounts: nothing });
      expect(await simulate()).toMatchObject({ status: 'succeeded', innerCalls: null, postStates: null });
    }
  });

  it.each<readonly [string, object]>([
    ['no error member', { err: undefined }],
    ['an error without end', { err: 'z'.repeat(10_000) }],
    ['no units', { unitsConsumed: undefined }],
    ['negative units', { unitsConsumed: -1 }],
    ['too few accounts', { accounts: [null] }],
    ['too many accounts', { accounts: [null, null, null] }],
    ['an account in another encoding', { accounts: [null, { ...plainAccount(), data: ['', 'base58'] }] }],
    ['an account without lamports', { accounts: [null, { ...plainAccount(), lamports: undefined }] }],
    ['an account cut short', { accounts: [null, { ...plainAccount(), space: 7 }] }],
    ['calls that are no list', { innerInstructions: {} }],
    ['a group without an index', { innerInstructions: [{ instructions: [] }] }],
    ['a group of an instruction beyond all', { innerInstructions: [{ index: 64, instructions: [] }] }],
    ['a group without calls', { innerInstructions: [{ index: 0 }] }],
    ['a call without a depth', calls({ stackHeight: undefined })],
    ['a call of depth null', calls({ stackHeight: null })],
    ['a call at the top', calls({ stackHeight: 1 })],
    ['a call deeper than the runtime allows', calls({ stackHeight: 10 })],
    ['a program that is no index', calls({ programIdIndex: 1.5 })],
    ['a program beyond all indexes', calls({ programIdIndex: 256 })],
    ['neither an index nor an address', calls({ programIdIndex: undefined })],
    ['accounts that are no list', calls({ accounts: 'all' })],
    ['an account that is no index', calls({ accounts: [-1] })],
    ['an address among indexes', calls({ accounts: [SYSTEM_PROGRAM] })],
    ['more accounts than an instruction holds', calls({ accounts: new Array<number>(256).fill(0) })],
    ['data that are no base58', calls({ data: 'l0' })],
    ['data that are a list', calls({ data: ['3Bx', 'base58'] })],
    ['data without end', calls({ data: 'z'.repeat(100_000) })],
    ['more named text than anybody reads', calls({ parsed: 'z'.repeat(100_000) })],
    [
      'more calls than run',
      { innerInstructions: [{ index: 0, instructions: new Array<object>(65).fill(plainCall()) }] },
    ],
    [
      'more calls than run, in groups',
      { innerInstructions: [0, 1].map((index) => ({ index, instructions: new Array<object>(33).fill(plainCall()) })) },
    ],
  ])('is unavailable when the answer has %s', async (_case, change) => {
    answered({ ...GOOD, ...change });
    await expect(simulate()).rejects.toThrow(ChainUnavailable);
  });
});

const GOOD = { err: null, unitsConsumed: 150, logs: [], accounts: [null, null], innerInstructions: [] };

function plainCall(): object {
  return { programIdIndex: 0, accounts: [], data: '', stackHeight: 2 };
}

function plainAccount(): object {
  return { owner: SYSTEM_PROGRAM, lamports: 1, data: ['', 'base64'], executable: false, space: 0 };
}

function calls(change: object): object {
  return { innerInstructions: [{ index: 0, instructions: [{ ...plainCall(), ...change }] }] };
}

function succeeded(simulation: ChainSimulation) {
  if (simulation.status !== 'succeeded') throw new Error(simulation.error);
  return simulation;
}
