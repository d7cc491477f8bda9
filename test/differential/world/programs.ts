// Owns the programs of the world that instructions deploy, change and close, and the buffers for them.
import { type Address, type EncodedAccount, getAddressEncoder, getProgramDerivedAddress } from '@solana/kit';
import { rentExemption } from '../../../gateway/core/effects/rent.ts';
import { LOADER_V3_PROGRAM } from '../../../gateway/core/transaction/programs/program-ids.ts';
import { cpiProxy } from '../../programs/cpi-proxy.ts';
import { encodedAccount } from './encoded-account.ts';

export const BUFFER_HEADER = 37;
export const PROGRAM_DATA_HEADER = 45;
export const PROGRAM_SIZE = 36;
const DEPLOYED_LONG_AGO = 3n;

export interface BufferPlan {
  readonly address: Address;
  readonly authority: Address;
}

export interface ProgramPlan {
  readonly address: Address;
  readonly data: Address;
  /** `null`: given up. */
  readonly authority: Address | null;
}

export interface ProgramWorld {
  readonly elf: Uint8Array;
  readonly buffers: readonly BufferPlan[];
  readonly programs: readonly ProgramPlan[];
  /** Where a program can be deployed. */
  readonly future: readonly Omit<ProgramPlan, 'authority'>[];
}

export async function planPrograms(fresh: () => Address, wallet: Address, other: Address): Promise<ProgramWorld> {
  const at = async () => {
    const address = fresh();
    return { address, data: await programDataAddress(address) };
  };
  const programs = [wallet, other, null].map(async (authority) => ({ ...(await at()), authority }));
  return {
    elf: cpiProxy(),
    buffers: [wallet, wallet, other].map((authority) => ({ address: fresh(), authority })),
    programs: await Promise.all(programs),
    future: [await at(), await at()],
  };
}

export function programAccounts({ elf, buffers, programs }: ProgramWorld): readonly EncodedAccount[] {
  return [
    ...buffers.map(({ address, authority }) => {
      const data = withHeader(BUFFER_HEADER, [1, 0, 0, 0, ...optional(authority)], elf);
      return loaderAccount(address, data, 800n);
    }),
    // The data go first: a program without them cannot be put on the chain.
    ...programs.map(({ data, authority }) => {
      const slot = new Uint8Array(new BigUint64Array([DEPLOYED_LONG_AGO]).buffer);
      const header = [3, 0, 0, 0, ...slot, ...optional(authority)];
      return loaderAccount(
        data,
        withHeader(PROGRAM_DATA_HEADER, header, new Uint8Array([...elf, ...new Uint8Array(64)])),
        0n,
      );
    }),
    ...programs.map(({ address, data }) => {
      const state = new Uint8Array([2, 0, 0, 0, ...getAddressEncoder().encode(data)]);
      return { ...loaderAccount(address, state, 0n), executable: true };
    }),
  ];
}

async function programDataAddress(program: Address): Promise<Address> {
  const seeds = [getAddressEncoder().encode(program)];
  const [address] = await getProgramDerivedAddress({ programAddress: LOADER_V3_PROGRAM, seeds });
  return address;
}

function optional(authority: Address | null): readonly number[] {
  return authority === null ? [0] : [1, ...getAddressEncoder().encode(authority)];
}

function withHeader(size: number, header: readonly number[], elf: Uint8Array): Uint8Array {
  const data = new Uint8Array(size + elf.length);
  data.set(header);
  data.set(elf, size);
  return data;
}

function loaderAccount(address: Address, data: Uint8Array, extra: bigint): EncodedAccount {
  const lamports = rentExemption(BigInt(data.length)) + extra;
  return encodedAccount(address, { owner: LOADER_V3_PROGRAM, lamports, data });
}
