// Proves what is made of an answer to a simulation: every call inside counts once, and only what it tells is known.
import { createNoopSigner } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { getCreateAssociatedTokenInstruction } from '@solana-program/token';
import { describe, expect, it } from 'vitest';
import type { Address } from '../address.ts';
import { decodeInstructions, READONLY, rawInstruction, WRITABLE } from '../effects/testing/judge.ts';
import { SYSTEM_PROGRAM, TOKEN_PROGRAM } from '../transaction/programs/program-ids.ts';
import { interpretSimulation } from './interpret.ts';
import type { InnerCall, SimulationAnswer } from './simulation-answer.ts';
import {
  call,
  DESTINATION,
  HELPER,
  MINT,
  PROGRAM,
  SOURCE,
  STATES,
  STRANGER,
  SWAP,
  simulated,
  TEN,
  TRANSFER,
  WALLET,
} from './testing/swap-scene.ts';

describe('a simulation that succeeded', () => {
  it('shows what a program that nobody knows did, on the basis of the simulation', () => {
    const { effects, missing, instructions } = simulated([SWAP], [[0, [TRANSFER]]]);
    expect(effects.transfers).toMatchObject([
      {
        instruction: 0,
        basis: 'simulation',
        asset: MINT,
        amount: 10n,
        decimals: 6,
        source: SOURCE,
        recipient: STRANGER,
      },
    ]);
    expect(effects.outflows).toEqual([{ asset: MINT, amount: 10n, decimals: 6 }]);
    expect(effects.missing).toEqual([]);
    expect(missing).toEqual([]);
    expect(instructions.map(({ depth, instruction: { program } }) => [depth, program])).toEqual([
      [1, PROGRAM],
      [2, TOKEN_PROGRAM],
    ]);
  });

  it('reads a call in every form alike', () => {
    const decoded = decodeInstructions(WALLET, [SWAP]);
    const at = (address: Address) => decoded.accounts.findIndex((account) => account.address === address);
    const compiled: InnerCall = {
      form: 'compiled',
      stackHeight: 2,
      programIndex: at(TOKEN_PROGRAM),
      accountIndexes: [SOURCE, DESTINATION, WALLET].map(at),
      data: TEN,
    };
    const info = { source: SOURCE, destination: DESTINATION, authority: WALLET, amount: '10' };
    const parsed: InnerCall = {
      form: 'parsed',
      stackHeight: 2,
      program: TOKEN_PROGRAM,
      parsed: { type: 'transfer', info },
    };
    const expected = simulated([SWAP], [[0, [TRANSFER]]]);
    for (const form of [compiled, parsed]) expect(simulated([SWAP], [[0, [form]]])).toEqual(expected);
  });

  it('counts what a program calls through another one', () => {
    const nested = [call(HELPER, [WALLET], [9]), { ...TRANSFER, stackHeight: 3 }, TRANSFER];
    const { effects } = simulated([SWAP], [[0, nested]]);
    expect(effects.outflows).toEqual([{ asset: MINT, amount: 20n, decimals: 6 }]);
    expect(effects.cpiSigners).toEqual([
      { instruction: 0, basis: 'message', program: PROGRAM, signer: WALLET },
      { instruction: 0, basis: 'simulation', program: HELPER, signer: WALLET },
    ]);
  });

  it('counts what a known instruction calls once, and what is called by a program that it calls', () => {
    const ata = getCreateAssociatedTokenInstruction({
      payer: createNoopSigner(WALLET),
      ata: DESTINATION,
      owner: STRANGER,
      mint: MINT,
    });
    const rent = [2, 0, 0, 0, 0xf0, 0x1d, 0x1f, 0, 0, 0, 0, 0];
    const children = [
      call(SYSTEM_PROGRAM, [WALLET, DESTINATION], rent),
      // Not readable, but part of what the known instruction does.
      call(TOKEN_PROGRAM, [DESTINATION], [99]),
      call(HELPER, [WALLET], []),
      { ...call(SYSTEM_PROGRAM, [WALLET, DESTINATION], [2, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0]), stackHeight: 3 },
    ];
    const touching = rawInstruction(PROGRAM, [[HELPER, READONLY]], []);
    const { effects } = simulated([ata, touching], [[0, children]]);
    expect(effects.rentLamports).toBe(2_039_280n);
    expect(effects.outflows).toEqual([{ asset: 'SOL', amount: 7n, decimals: 9 }]);
    expect(effects.missing).toEqual([]);
    expect(effects.cpiSigners).toEqual([{ instruction: 0, basis: 'simulation', program: HELPER, signer: WALLET }]);
  });

  it('does not rest what known instructions do on the simulation', () => {
    const transfer = getTransferSolInstruction({ source: createNoopSigner(WALLET), destination: STRANGER, amount: 3n });
    const { effects } = simulated([transfer, SWAP], [[1, [TRANSFER]]]);
    expect(effects.transfers.map(({ instruction, basis, amount }) => [instruction, basis, amount])).toEqual([
      [0, 'state', 3n],
      [1, 'simulation', 10n],
    ]);
  });

  it('does not know what an instruction of a known program did that cannot be read, at the top or inside', () => {
    const top = rawInstruction(TOKEN_PROGRAM, [[SOURCE, WRITABLE]], [99]);
    expect(simulated([top], [[0, []]]).effects.missing).toMatchObject([{ fact: 'instruction', instruction: 0 }]);
    const inside = call(TOKEN_PROGRAM, [SOURCE], [99]);
    expect(simulated([SWAP], [[0, [inside]]]).effects.missing).toMatchObject([{ fact: 'instruction', instruction: 0 }]);
  });

  it('does not know what a call did that the node names in a form that is not read', () => {
    const lost: InnerCall = {
      form: 'parsed',
      stackHeight: 2,
      program: HELPER,
      parsed: { type: 'authorize', info: {} },
    };
    const { effects } = simulated([SWAP], [[0, [lost]]]);
    expect(effects.missing).toEqual([
      { fact: 'instruction', instruction: 0, detail: `the node tells of ${HELPER} in a form that is not read` },
    ]);
  });

  it('keeps every other missing fact', () => {
    const { effects } = simulated([SWAP], [[0, [TRANSFER]]], { before: new Map([...STATES, [SOURCE, null]]) });
    expect(effects.missing).toMatchObject([{ fact: 'token_account', instruction: 0 }]);
  });

  it('without the calls inside knows no more than the message', () => {
    const { effects, missing, instructions } = simulated([SWAP], null);
    expect(missing).toEqual(['the node does not tell which instructions ran inside']);
    expect(effects.missing).toMatchObject([{ fact: 'instruction', instruction: 0 }]);
    expect(instructions).toHaveLength(1);
  });

  it('says which states are not known, before or after', () => {
    expect(simulated([SWAP], [], { after: null }).missing).toEqual([
      'the node does not tell how it leaves the accounts',
    ]);
    const without = (address: Address) => new Map([...STATES].filter(([key]) => key !== address));
    expect(simulated([SWAP], [], { after: without(SOURCE) }).missing).toEqual([`how it leaves ${SOURCE} is not known`]);
    expect(simulated([SWAP], [], { before: without(SOURCE) }).missing).toEqual([
      `how ${SOURCE} was before is not known`,
    ]);
  });

  it('names instructions of programs that an IDL describes', () => {
    const described = new Map([
      [
        HELPER,
        (raw: { readonly index: number; readonly program: Address; readonly data: Uint8Array }) => ({
          ...raw,
          kind: 'described' as const,
          programName: 'helper',
          name: 'help',
          accounts: [],
          arguments: {},
          texts: {},
        }),
      ],
    ]);
    const { instructions, effects } = simulated([SWAP], [[0, [call(HELPER, [], [1])]]], { described });
    expect(instructions[1]?.instruction).toMatchObject({ kind: 'described', name: 'help' });
    expect(effects.missing).toEqual([]);
  });
});

describe('an answer without success', () => {
  it('stays what it is', () => {
    const decoded = decodeInstructions(WALLET, [SWAP]);
    const simulated = { decoded, wallet: WALLET, facts: { slot: 1n, accounts: STATES }, described: new Map() };
    const answers: readonly SimulationAnswer[] = [
      { status: 'unavailable', reason: 'no answer within 5 ms' },
      { status: 'failed', slot: 3n, error: '"AccountInUse"' },
    ];
    for (const answer of answers) expect(interpretSimulation(answer, simulated)).toEqual(answer);
  });
});
