// Owns the address lookup tables of the world: those that transactions use, and those that instructions change.
import { type Address, type EncodedAccount, getAddressEncoder, type ProgramDerivedAddress } from '@solana/kit';
import { findAddressLookupTablePda } from '@solana-program/address-lookup-table';
import { rentExemption } from '../../../gateway/core/effects/rent.ts';
import { ADDRESS_LOOKUP_TABLE_PROGRAM } from '../../../gateway/core/transaction/programs/program-ids.ts';
import type { KnownTable } from '../corpus.ts';
import { encodedAccount } from './encoded-account.ts';

/** The slot that the world stands still in, and one before it that the chain still remembers. */
export const SLOT = 10_001n;
export const RECENT_SLOT = 10_000n;
const LONG_AGO = 5n;
const NEVER = 2n ** 64n - 1n;
const META_BYTES = 56;
const MOST_ENTRIES = 250;

export interface TablePlan extends KnownTable {
  /** `null`: frozen. */
  readonly authority: Address | null;
  readonly deactivated: boolean;
}

/** An address at which an authority can make a table. */
export interface FutureTable {
  readonly authority: Address;
  readonly address: ProgramDerivedAddress;
}

export interface TableWorld {
  /** With every address of the world, each in one of them. */
  readonly used: readonly KnownTable[];
  readonly changed: readonly TablePlan[];
  readonly future: readonly FutureTable[];
}

export async function planTables(
  fresh: () => Address,
  wallet: Address,
  other: Address,
): Promise<Omit<TableWorld, 'used'>> {
  const plan = (authority: Address | null, deactivated: boolean, entries: number): TablePlan => {
    return { address: fresh(), authority, deactivated, entries: Array.from({ length: entries }, fresh) };
  };
  const changed = [wallet, other].flatMap((owner) => [
    plan(owner, false, 3),
    plan(owner, false, 0),
    plan(owner, true, 2),
  ]);
  const future = [wallet, other].map(async (authority) => {
    return { authority, address: await findAddressLookupTablePda({ authority, recentSlot: RECENT_SLOT }) };
  });
  return { changed: [...changed, plan(null, false, 2)], future: await Promise.all(future) };
}

/** Three tables at least, neighbours in different ones. */
export function tablesOf(fresh: () => Address, addresses: readonly Address[]): readonly KnownTable[] {
  const count = Math.max(3, Math.ceil(addresses.length / MOST_ENTRIES));
  return Array.from({ length: count }, (_, table) => ({
    address: fresh(),
    entries: addresses.filter((_address, i) => i % count === table),
  }));
}

export function tableAccounts({ used, changed }: TableWorld): readonly EncodedAccount[] {
  return [
    ...used.map((table) => tableAccount({ ...table, authority: null, deactivated: false })),
    ...changed.map(tableAccount),
  ];
}

/** Layout: u32 kind, u64 slot of its end, u64 slot of its last extension, u8 first entry of that, option of authority. */
function tableAccount({ address, entries, authority, deactivated }: TablePlan): EncodedAccount {
  const data = new Uint8Array(META_BYTES + entries.length * 32);
  const view = new DataView(data.buffer);
  view.setUint32(0, 1, true);
  view.setBigUint64(4, deactivated ? LONG_AGO : NEVER, true);
  if (authority !== null) {
    view.setUint8(21, 1);
    data.set(getAddressEncoder().encode(authority), 22);
  }
  entries.forEach((entry, i) => {
    data.set(getAddressEncoder().encode(entry), META_BYTES + i * 32);
  });
  const lamports = rentExemption(BigInt(data.length)) + 600n;
  return encodedAccount(address, { owner: ADDRESS_LOOKUP_TABLE_PROGRAM, lamports, data });
}
