// Owns the proof that effects of Address Lookup Table instructions are what the runtime does.
import { createNoopSigner, getAddressDecoder, type ProgramDerivedAddress } from '@solana/kit';
import * as client from '@solana-program/address-lookup-table';
import { describe, expect, it } from 'vitest';
import type { Address } from '../../gateway/core/address.ts';
import { rentExemption } from '../../gateway/core/effects/rent.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { lamportsAt, openScene, run, runRefused, type Scene } from './keeping-scene.ts';

const WALLET = keyAddress(1);
const STRANGER = keyAddress(2);
const ENTRIES = [keyAddress(8), keyAddress(9), keyAddress(10)];
const wallet = createNoopSigner(WALLET);
const SLOT = 100n;
const ENTRY_RENT = 32n * 6_960n;

interface TableScene extends Scene {
  readonly table: ProgramDerivedAddress;
}

/** In slot 101, so that slot 100 is a recent one. */
async function scene(authority: Address = WALLET): Promise<TableScene> {
  const opened = openScene(WALLET, [STRANGER]);
  goTo(opened, SLOT + 1n, [SLOT]);
  return { ...opened, table: await client.findAddressLookupTablePda({ authority, recentSlot: SLOT }) };
}

function goTo({ svm }: Scene, slot: bigint, recent: readonly bigint[]): void {
  svm.warpToSlot(slot);
  const hash = getAddressDecoder().decode(new Uint8Array(32).fill(7));
  svm.setSlotHashes(recent.map((past) => ({ slot: past, hash })));
}

const create = ({ table }: TableScene, authority: Address = WALLET) =>
  client.getCreateLookupTableInstruction({ address: table, authority, payer: wallet, recentSlot: SLOT });
const extend = ({ table: [address] }: TableScene, addresses = ENTRIES) =>
  client.getExtendLookupTableInstruction({ address, authority: wallet, payer: wallet, addresses });
const deactivate = ({ table: [address] }: TableScene) =>
  client.getDeactivateLookupTableInstruction({ address, authority: wallet });
const close = ({ table: [address] }: TableScene, recipient: Address) =>
  client.getCloseLookupTableInstruction({ address, authority: wallet, recipient });

describe('Address Lookup Table', () => {
  it('costs the rent of the table, and of each entry', async () => {
    const opened = await scene();
    const before = lamportsAt(opened, WALLET);
    const { effects } = run(opened, [create(opened)]);
    expect(effects.creations).toMatchObject([{ account: opened.table[0], rentLamports: rentExemption(56n) }]);
    expect(effects.rentLamports).toBe(rentExemption(56n));
    const added = run(opened, [extend(opened)], { grows: opened.table[0] }).effects;
    expect(added.rentLamports).toBe(ENTRY_RENT * 3n);
    expect(added.operations).toMatchObject([{ kind: 'lookup_table_extend', account: opened.table[0] }]);
    expect(added.dataAddresses.map(({ address }) => address)).toEqual(ENTRIES);
    expect(before - lamportsAt(opened, WALLET)).toBe(10_000n + rentExemption(56n + 96n));
  });

  it('is made and filled in one transaction', async () => {
    const opened = await scene();
    const { effects } = run(opened, [create(opened), extend(opened)], { grows: opened.table[0] });
    expect(effects.rentLamports).toBe(rentExemption(56n + 96n));
    expect(effects.missing).toEqual([]);
  });

  it('of a stranger costs the wallet its rent where the wallet pays', async () => {
    const opened = await scene(STRANGER);
    expect(run(opened, [create(opened, STRANGER)]).effects.rentLamports).toBe(rentExemption(56n));
  });

  it('is given up for good by a freeze', async () => {
    const opened = await scene();
    run(opened, [create(opened), extend(opened)], { grows: opened.table[0] });
    const [address] = opened.table;
    const { effects } = run(opened, [client.getFreezeLookupTableInstruction({ address, authority: wallet })]);
    expect(effects.authorityChanges).toMatchObject([
      { kind: 'lookup_table_authority', account: address, from: WALLET, to: null },
    ]);
    runRefused(opened, [extend(opened)]);
  });

  it('that is closed to a stranger takes all its lamports along', async () => {
    const opened = await scene();
    run(opened, [create(opened), extend(opened)], { grows: opened.table[0] });
    expect(run(opened, [deactivate(opened)]).effects.operations).toMatchObject([{ kind: 'lookup_table_deactivate' }]);
    goTo(opened, SLOT + 700n, []);
    const { effects } = run(opened, [close(opened, STRANGER)]);
    expect(effects.closes).toMatchObject([{ account: opened.table[0], owner: WALLET, destination: STRANGER }]);
    expect(effects.missing).toEqual([]);
    expect(effects.outflowsByRecipient).toEqual([
      { asset: 'SOL', recipient: STRANGER, amount: rentExemption(56n + 96n) },
    ]);
  });

  it('that is closed to the wallet is no outflow', async () => {
    const opened = await scene();
    run(opened, [create(opened), extend(opened)], { grows: opened.table[0] });
    run(opened, [deactivate(opened)]);
    goTo(opened, SLOT + 700n, []);
    expect(run(opened, [close(opened, WALLET)]).effects.outflows).toEqual([]);
  });
});
