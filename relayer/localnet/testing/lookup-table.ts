// Owns making an address lookup table on the local chain, by ordinary transactions, for tests.
import {
  AccountRole,
  type Address,
  address,
  createSolanaRpc,
  getAddressEncoder,
  getProgramDerivedAddress,
  type Instruction,
  type KeyPairSigner,
} from '@solana/kit';
import { SYSTEM_PROGRAM_ADDRESS } from '@solana-program/system';
import { sendConfirmed } from '../confirmed-sends.ts';
import { rawCall } from './raw-rpc.ts';

const LOOKUP_TABLE_PROGRAM = address('AddressLookupTab1e1111111111111111111111111');
const CREATE = 0;
const EXTEND = 2;

/** Creates a table that holds these addresses, in this order, and is ready to be used. At most about 20 addresses. */
export async function createLookupTable(
  rpcUrl: string,
  authority: KeyPairSigner,
  addresses: readonly Address[],
): Promise<Address> {
  const recentSlot = await createSolanaRpc(rpcUrl).getSlot({ commitment: 'confirmed' }).send();
  const seeds = [getAddressEncoder().encode(authority.address), littleEndian(recentSlot, 8)];
  const [table, bump] = await getProgramDerivedAddress({ programAddress: LOOKUP_TABLE_PROGRAM, seeds });
  const accounts = [
    { address: table, role: AccountRole.WRITABLE },
    { address: authority.address, role: AccountRole.READONLY_SIGNER },
    { address: authority.address, role: AccountRole.WRITABLE_SIGNER },
    { address: SYSTEM_PROGRAM_ADDRESS, role: AccountRole.READONLY },
  ];
  const instruction = (...data: readonly Uint8Array[]): Instruction => ({
    programAddress: LOOKUP_TABLE_PROGRAM,
    accounts,
    data: Uint8Array.from(Buffer.concat(data)),
  });
  const keys = addresses.map((key) => Uint8Array.from(getAddressEncoder().encode(key)));
  await sendConfirmed(rpcUrl, authority, [
    instruction(littleEndian(BigInt(CREATE), 4), littleEndian(recentSlot, 8), Uint8Array.of(bump)),
    instruction(littleEndian(BigInt(EXTEND), 4), littleEndian(BigInt(addresses.length), 8), ...keys),
  ]);
  // Addresses serve from the slot after the one that they were added in.
  await rawCall(rpcUrl, 'localnet_advanceSlots', [1]);
  return table;
}

function littleEndian(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => Number((value >> BigInt(8 * at)) & 0xffn));
}
