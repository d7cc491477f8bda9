import { createNoopSigner } from '@solana/kit';
import * as client from '@solana-program/address-lookup-table';
import { describe, expect, it } from 'vitest';
import { decodeWritten } from '../testing/decode-written.ts';
import { keyAddress, keyBytes } from '../testing/wire-builder.ts';
import { ADDRESS_LOOKUP_TABLE } from './address-lookup-table.ts';
import { decodeInstruction } from './decode-instruction.ts';
import { ADDRESS_LOOKUP_TABLE_PROGRAM } from './program-ids.ts';

const TABLE = keyAddress(1);
const AUTHORITY = keyAddress(2);
const PAYER = keyAddress(3);
const authority = createNoopSigner(AUTHORITY);
const payer = createNoopSigner(PAYER);

function extend(...data: readonly number[]) {
  const accounts = [TABLE, AUTHORITY].map((address) => ({ address, signer: true, writable: true }));
  const bytes = Uint8Array.from([2, 0, 0, 0, ...data]);
  return decodeInstruction({ index: 0, program: ADDRESS_LOOKUP_TABLE_PROGRAM, accounts, data: bytes });
}

describe('Address Lookup Table', () => {
  it('knows every instruction of the published client under its opcode, and no other', () => {
    const published = Object.entries(client)
      .filter(([name]) => name.endsWith('LOOKUP_TABLE_DISCRIMINATOR') && !name.startsWith('ADDRESS'))
      .map(([name, value]) => [name.replace('_DISCRIMINATOR', '').toLowerCase(), value]);
    const known = Object.entries(ADDRESS_LOOKUP_TABLE.instructions).map(([name, { opcode }]) => [name, opcode]);
    expect(Object.fromEntries(known)).toEqual(Object.fromEntries(published));
    const accounts = [TABLE, AUTHORITY, PAYER].map((address) => ({ address, signer: true, writable: true }));
    const data = Uint8Array.from([5, 0, 0, 0, ...new Array(16).fill(0)]);
    const unknown = decodeInstruction({ index: 0, program: ADDRESS_LOOKUP_TABLE_PROGRAM, accounts, data });
    expect(unknown).toMatchObject({ kind: 'unknown', programName: 'address_lookup_table' });
  });

  it('reads what the published client writes', async () => {
    const address = await client.findAddressLookupTablePda({ authority: AUTHORITY, recentSlot: 2n ** 40n });
    const create = client.getCreateLookupTableInstruction({
      address,
      authority: AUTHORITY,
      payer,
      recentSlot: 2n ** 40n,
    });
    const decoded = decodeWritten(create);
    expect(decoded).toMatchObject({
      name: 'create_lookup_table',
      arguments: { recent_slot: 2n ** 40n, bump: BigInt(address[1]) },
    });
    expect(decoded.accounts.slice(0, 3)).toMatchObject([
      { role: 'lookup_table', address: address[0] },
      { role: 'authority', address: AUTHORITY, signer: false },
      { role: 'payer', address: PAYER, signer: true },
    ]);
    const addresses = [keyAddress(8), keyAddress(9)];
    expect(
      decodeWritten(client.getExtendLookupTableInstruction({ address: TABLE, authority, payer, addresses })),
    ).toMatchObject({ arguments: { addresses } });
    const pair = { address: TABLE, authority };
    for (const written of [
      client.getFreezeLookupTableInstruction(pair),
      client.getDeactivateLookupTableInstruction(pair),
    ]) {
      expect(decodeWritten(written).accounts).toMatchObject([
        { role: 'lookup_table', address: TABLE },
        { role: 'authority', address: AUTHORITY },
      ]);
    }
    const close = client.getCloseLookupTableInstruction({ address: TABLE, authority, recipient: PAYER });
    expect(decodeWritten(close).accounts).toMatchObject([
      { role: 'lookup_table' },
      { role: 'authority' },
      { role: 'recipient', address: PAYER },
    ]);
  });

  it('reads no list that the data cannot hold, however long it says it is', () => {
    expect(extend(1, 0, 0, 0, 0, 0, 0, 0, ...keyBytes(5))).toMatchObject({
      arguments: { addresses: [keyAddress(5)] },
    });
    expect(extend(2, 0, 0, 0, 0, 0, 0, 0, ...keyBytes(5))).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('room for 1'),
    });
    expect(extend(...new Array(8).fill(255))).toMatchObject({ kind: 'unknown' });
    expect(extend(1)).toMatchObject({ kind: 'unknown', reason: expect.stringContaining('too short') });
  });
});
