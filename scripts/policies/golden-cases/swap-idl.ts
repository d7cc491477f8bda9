// Owns the IDL of the programs that swap in the golden cases, as a policy bundle would hold it.
import type { Address } from '@solana/kit';
import { readDescribedPrograms } from '../../../gateway/core/transaction/idl/described-programs.ts';
import type { DescribedPrograms } from '../../../gateway/core/transaction/programs/decode-instruction.ts';

const DISCRIMINATOR = [248, 198, 158, 145, 225, 117, 135, 200];

/** The data of `swap`: at least so many base units must come back. */
export function swapData(minimumOut: number): readonly number[] {
  const amount = new DataView(new ArrayBuffer(8));
  amount.setBigUint64(0, BigInt(minimumOut), true);
  return [...DISCRIMINATOR, ...new Uint8Array(amount.buffer)];
}

export function describeSwaps(programs: Readonly<Record<string, Address>>): DescribedPrograms {
  const documents = Object.entries(programs).map(([name, address]) => ({ address, json: swapIdl(name, address) }));
  const read = readDescribedPrograms(documents);
  if (read.kind === 'refused') throw new Error(read.problems.map(({ problem }) => problem).join('\n'));
  return read.programs;
}

function swapIdl(name: string, address: Address) {
  return {
    address,
    metadata: { name, version: '0.1.0', spec: '0.1.0' },
    instructions: [
      {
        name: 'swap',
        discriminator: DISCRIMINATOR,
        accounts: [
          { name: 'user', writable: true, signer: true },
          { name: 'user_account', writable: true },
          { name: 'pool_account', writable: true },
          { name: 'token_program' },
          { name: 'mint' },
          { name: 'venue' },
        ],
        args: [{ name: 'minimum_out', type: 'u64' }],
      },
    ],
  };
}
