// Owns the System instruction that the published client writes only with a payer.
import { type AccountRole, type Address, address, getAddressEncoder, type Instruction } from '@solana/kit';
import { SYSTEM, TOKEN } from './attacked-gateway.ts';

/** CreateAccountAllowPrefund, an empty account for the token program; the new account stands before the payer. */
export function prefund(accounts: readonly (readonly [Address, AccountRole])[], lamports: bigint): Instruction {
  const data = Buffer.alloc(52);
  data.writeUInt32LE(13, 0);
  data.writeBigUInt64LE(lamports, 4);
  data.set(getAddressEncoder().encode(address(TOKEN)), 20);
  return {
    programAddress: address(SYSTEM),
    accounts: accounts.map(([key, role]) => ({ address: key, role })),
    data: new Uint8Array(data),
  };
}
