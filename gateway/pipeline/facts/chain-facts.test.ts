// Proves that what is cached or read beside changes no fact, and that what contradicts what is known is refused.
import { createNoopSigner } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import { getTransferCheckedInstruction, getTransferInstruction } from '@solana-program/token';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ChainReader } from '../../../relayer/chain-reader.ts';
import { mintAccount, tokenAccount } from '../../core/effects/testing/judge.ts';
import { keyAddress } from '../../core/transaction/testing/wire-builder.ts';
import {
  type FactScene,
  FRIEND,
  lookupTable,
  MINT,
  OURS,
  openFactScene,
  TABLE,
  TABLE_ENTRIES,
  THEIRS,
  WALLET,
  wireOf,
} from '../testing/fact-scene.ts';

const STRANGER = keyAddress(77);
const authority = createNoopSigner(WALLET);
const sol = (destination = FRIEND) => getTransferSolInstruction({ source: authority, destination, amount: 1n });
const unchecked = getTransferInstruction({ source: OURS, destination: THEIRS, authority, amount: 1n });
const checked = (decimals: number) =>
  getTransferCheckedInstruction({ source: OURS, mint: MINT, destination: THEIRS, authority, amount: 1n, decimals });

let scene: FactScene;
beforeEach(() => {
  scene = openFactScene();
});

describe('facts of the chain', () => {
  it.each([
    ['a transfer that does not name its mint', [unchecked]],
    ['one beside a transfer whose decimals are wrong', [unchecked, checked(9)]],
    ['one beside a transfer whose decimals are right', [checked(6), unchecked]],
  ])('are the same cold and warm, by static keys and by table, simulated or not: %s', async (_what, instructions) => {
    const first = await scene.establish(wireOf(instructions));
    const again = [
      await scene.establish(wireOf(instructions)),
      await scene.establish(wireOf(instructions, TABLE_ENTRIES)),
      await scene.establish(wireOf(instructions, TABLE_ENTRIES)),
      await scene.establish(wireOf(instructions), { mode: 'always' }),
    ];
    expect(first.chain.cached).toEqual([]);
    for (const { effects } of again) expect(effects).toEqual(first.effects);
  });

  it('say what was not read again, and of which slot it is', async () => {
    const wire = wireOf([unchecked], TABLE_ENTRIES);
    scene.scripted.slot = 5n;
    expect((await scene.establish(wire)).chain).toEqual({ slot: 5n, endpoints: 1, cached: [] });
    scene.scripted.slot = 9n;
    const cached = [
      { address: TABLE, slot: 5n },
      { address: MINT, slot: 5n },
    ];
    expect((await scene.establish(wire)).chain).toEqual({ slot: 9n, endpoints: 1, cached });
    expect((await scene.establish(wireOf([sol()]))).chain).toEqual({ slot: null, endpoints: 1, cached: [] });
  });

  it('are of the oldest slot that was read', async () => {
    const slots = [9n, 4n];
    const { chain } = scene.counted;
    const uneven: ChainReader = {
      ...chain,
      getAccounts: async (...given) => ({ ...(await chain.getAccounts(...given)), slot: slots.shift() ?? 0n }),
    };
    expect((await scene.establish(wireOf([unchecked]), { chain: uneven })).chain.slot).toBe(4n);
  });

  it('never take a balance, an owner or a mint of Token-2022 from what was read before', async () => {
    await scene.establish(wireOf([checked(6)]));
    scene.scripted.held.set(THEIRS, tokenAccount({ mint: MINT, owner: STRANGER }));
    const { effects } = await scene.establish(wireOf([checked(6)]));
    expect(effects.transfers[0]?.recipient).toBe(STRANGER);
  });
});

describe('a lookup table that is known', () => {
  it('is read again for an index beyond what is known, and serves what it grew to', async () => {
    const grown = [...TABLE_ENTRIES, STRANGER];
    await scene.establish(wireOf([sol()], TABLE_ENTRIES));
    scene.scripted.held.set(TABLE, lookupTable(grown));
    expect(await tripsOf(wireOf([sol()], TABLE_ENTRIES))).toBe(0);
    expect(await tripsOf(wireOf([sol(STRANGER)], grown))).toBe(1);
    expect(await tripsOf(wireOf([sol(STRANGER)], grown))).toBe(0);
  });

  it('stops to serve once it proved shorter', async () => {
    await scene.establish(wireOf([sol()], TABLE_ENTRIES));
    scene.scripted.held.set(TABLE, lookupTable(TABLE_ENTRIES.slice(0, 2)));
    const beyond = wireOf([sol(STRANGER)], [...TABLE_ENTRIES, STRANGER]);
    await expect(scene.establish(beyond)).rejects.toMatchObject({ reason: 'LOOKUP_TABLE_UNRESOLVED' });
    // FRIEND is the first entry of both.
    expect(await tripsOf(wireOf([sol()], TABLE_ENTRIES))).toBe(1);
  });

  it('is refused once another entry stands where one stood, whatever was asked for', async () => {
    await scene.establish(wireOf([sol()], TABLE_ENTRIES));
    scene.scripted.held.set(TABLE, lookupTable([STRANGER, ...TABLE_ENTRIES]));
    const beyond = wireOf([sol(STRANGER)], [...TABLE_ENTRIES, STRANGER]);
    const refused = scene.establish(beyond);
    await expect(refused).rejects.toMatchObject({ reason: 'CHAIN_UNAVAILABLE' });
    await expect(refused).rejects.toThrow(TABLE);
  });
});

describe('a mint that is known', () => {
  it('is refused once it has other decimals', async () => {
    await scene.establish(wireOf([unchecked]));
    scene.scripted.held.set(MINT, mintAccount(0));
    // Read as an account of the transaction that is simulated, where its decimals are not asked for.
    const read = scene.establish(wireOf([checked(6)]), { mode: 'always' });
    await expect(read).rejects.toMatchObject({ reason: 'CHAIN_UNAVAILABLE' });
    expect((await scene.establish(wireOf([unchecked]))).effects.outflows[0]?.decimals).toBe(0);
  });
});

describe('two nodes that tell different things', () => {
  it('are asked again about an account of the wallet, and not about a pool', async () => {
    const busy = keyAddress(50);
    const asked: (readonly string[])[] = [];
    const { chain } = scene.counted;
    const disputing: ChainReader = {
      ...chain,
      endpoints: 2,
      getAccounts: async (addresses, signal, welcome = []) => {
        asked.push(addresses);
        const { slot, accounts } = await chain.getAccounts([...addresses, ...welcome], signal);
        const disputed = welcome.filter((address) => address === busy || address === OURS);
        const told = disputed.map((address) => {
          const state = accounts.get(address) ?? { owner: STRANGER, lamports: 5n, data: new Uint8Array(3) };
          return [address, [state, { ...state, lamports: state.lamports + 1n }]] as const;
        });
        const agreed = [...accounts].filter(([address]) => !disputed.includes(address));
        return { slot, accounts: new Map(agreed), glimpsed: new Map(told) };
      },
    };
    const unknown = {
      programAddress: keyAddress(60),
      accounts: [OURS, busy].map((address) => ({ address, role: 1 })),
      data: Uint8Array.of(1),
    };
    const { chain: reading, roundTrips } = await scene.establish(wireOf([unknown]), { chain: disputing });
    expect(asked).toEqual([[], [OURS]]);
    expect([reading.endpoints, roundTrips]).toEqual([2, 2]);
  });
});

async function tripsOf(wire: Uint8Array): Promise<number> {
  return (await scene.establish(wire)).roundTrips;
}
