// Proves how often a decision waits for the chain.
import { AccountRole, createNoopSigner, type Instruction } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { getTransferCheckedInstruction, getTransferInstruction } from '@solana-program/token';
import * as token2022 from '@solana-program/token-2022';
import { beforeEach, describe, expect, it } from 'vitest';
import { ChainUnavailable } from '../../../relayer/chain-reader.ts';
import {
  type FactScene,
  FRIEND,
  HOOKED_MINT,
  MINT,
  OUR_HOOKED,
  OURS,
  openFactScene,
  PROGRAM,
  TABLE_ENTRIES,
  THEIR_HOOKED,
  THEIRS,
  WALLET,
  wireOf,
} from '../testing/fact-scene.ts';

const authority = createNoopSigner(WALLET);
const sol = getTransferSolInstruction({ source: authority, destination: FRIEND, amount: 1n });
const checked = getTransferCheckedInstruction({
  source: OURS,
  mint: MINT,
  destination: THEIRS,
  authority,
  amount: 1n,
  decimals: 6,
});
const unchecked = getTransferInstruction({ source: OURS, destination: THEIRS, authority, amount: 1n });
const hooked = token2022.getTransferCheckedInstruction({
  source: OUR_HOOKED,
  mint: HOOKED_MINT,
  destination: THEIR_HOOKED,
  authority,
  amount: 1n,
  decimals: 6,
});
const unknown: Instruction = {
  programAddress: PROGRAM,
  accounts: [
    { address: OURS, role: AccountRole.WRITABLE },
    { address: FRIEND, role: AccountRole.READONLY },
  ],
  data: Uint8Array.of(1),
};

let scene: FactScene;
beforeEach(() => {
  scene = openFactScene();
});

/** Round trips of the same transaction judged twice, counted from outside; what the stage says of itself must be the same. */
async function twice(instructions: readonly Instruction[], table = false): Promise<readonly number[]> {
  const wire = wireOf(instructions, table ? TABLE_ENTRIES : []);
  const counts: number[] = [];
  for (let pass = 0; pass < 2; pass++) {
    const { roundTrips } = await scene.establish(wire);
    expect(roundTrips).toBe(scene.counted.sequential());
    counts.push(roundTrips);
  }
  return counts;
}

describe('round trips of a decision, the first time and the second', () => {
  it.each([
    ['a SOL transfer', [sol], [0, 0]],
    ['a token transfer', [checked], [1, 1]],
    ['a token transfer that does not name its mint', [unchecked], [2, 1]],
    ['an unknown program, simulated', [unknown], [1, 1]],
    ['an unknown program beside a transfer that does not name its mint', [unchecked, unknown], [2, 1]],
    ['a mint with a transfer hook, simulated once it is known', [hooked], [2, 2]],
  ])('%s', async (_what, instructions, expected) => {
    expect(await twice(instructions)).toEqual(expected);
  });

  it.each([
    ['a SOL transfer', [sol], [1, 0]],
    ['a token transfer', [checked], [2, 1]],
    ['an unknown program, simulated', [unknown], [2, 1]],
    ['a mint with a transfer hook, simulated beside the facts', [hooked], [2, 2]],
    // Nothing but the token accounts in the table tells the mint.
    ['a token transfer that does not name its mint', [unchecked], [3, 1]],
  ])('%s through a lookup table', async (_what, instructions, expected) => {
    expect(await twice(instructions, true)).toEqual(expected);
  });

  it('reads static accounts together with a lookup table, so that a mint is known a round trip earlier', async () => {
    const withoutOurs = TABLE_ENTRIES.map((address) => (address === OURS ? PROGRAM : address));
    const { roundTrips } = await scene.establish(wireOf([unchecked], withoutOurs));
    expect([roundTrips, scene.counted.sequential()]).toEqual([2, 2]);
  });

  it('asks for the blockhash beside everything else where none is at hand', async () => {
    scene.scripted.isBlockhashAtHand = false;
    expect(await twice([sol])).toEqual([1, 1]);
    expect(await twice([checked])).toEqual([1, 1]);
    expect(scene.counted.asked()).toEqual(['getLatestBlockhash', 'getAccounts']);
    expect(await twice([sol], true)).toEqual([1, 1]);
    // A simulation needs the very bytes that are judged.
    expect(await twice([unknown])).toEqual([2, 2]);
  });

  it('reads all accounts beside the simulation, which therefore is one round trip', async () => {
    await scene.establish(wireOf([checked, unknown]));
    expect(scene.counted.asked().toSorted()).toEqual(['getAccounts', 'simulate']);
  });
});

describe('when a transaction is simulated', () => {
  it.each([
    ['when_needed', [sol], 'not_run'],
    ['when_needed', [unknown], 'failed'],
    ['when_needed', [hooked], 'failed'],
    ['always', [sol], 'failed'],
    ['always', [checked], 'failed'],
    ['off', [unknown], 'not_run'],
    ['off', [hooked], 'not_run'],
  ] as const)('%s', async (mode, instructions, status) => {
    for (const table of [[], TABLE_ENTRIES]) {
      const { simulation } = await scene.establish(wireOf(instructions, table), { mode });
      expect(simulation.status).toBe(status);
    }
  });

  it('drops one that was started before it was known whether it is needed', async () => {
    const plain = token2022.getTransferCheckedInstruction({
      source: OURS,
      mint: MINT,
      destination: THEIRS,
      authority,
      amount: 1n,
      decimals: 6,
    });
    const { simulation } = await scene.establish(wireOf([plain], TABLE_ENTRIES));
    expect(scene.counted.asked()).toContain('simulate');
    expect(simulation.status).toBe('not_run');
  });

  it('takes none that is of a much older slot than the facts', async () => {
    scene.scripted.simulation = { status: 'failed', slot: 1_000n, error: '"AccountNotFound"' };
    scene.scripted.slot = 1_032n;
    expect((await scene.establish(wireOf([unknown]))).simulation.status).toBe('failed');
    scene.scripted.slot = 1_033n;
    const { simulation } = await scene.establish(wireOf([unknown]));
    expect(simulation).toEqual({ status: 'unavailable', reason: 'it is of slot 1000, the facts are of slot 1033' });
  });

  it('is unavailable, and the facts stand, when the node does not simulate', async () => {
    const { chain } = scene.counted;
    const broken = { ...chain, simulate: () => chain.getAccounts([], new AbortController().signal).then(refuse) };
    const { simulation, effects } = await scene.establish(wireOf([checked, unknown]), { chain: broken });
    expect(simulation).toEqual({ status: 'unavailable', reason: 'no simulations here' });
    expect(effects.outflows).toEqual([{ asset: MINT, amount: 1n, decimals: 6 }]);
  });

  it('shows the simulation the bytes that are judged', async () => {
    const shown: Uint8Array[] = [];
    const { chain } = scene.counted;
    const watched: typeof chain = {
      ...chain,
      simulate: (ask, signal) => {
        shown.push(ask.wire);
        return chain.simulate(ask, signal);
      },
    };
    for (const isBlockhashAtHand of [true, false]) {
      scene.scripted.isBlockhashAtHand = isBlockhashAtHand;
      const { wire } = await scene.establish(wireOf([unknown]), { chain: watched });
      expect(shown.at(-1)).toEqual(wire);
    }
  });
});

function refuse(): never {
  throw new ChainUnavailable('no simulations here');
}
