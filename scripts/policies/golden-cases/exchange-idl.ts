// Owns the IDL of the exchange in the golden cases of guards, as a policy bundle would hold it: swaps whose bounds stand in their
// arguments, one whose bound hangs on another argument, and an instruction that is no swap.
import type { Address } from '../../../gateway/core/address.ts';
import { readDescribedPrograms } from '../../../gateway/core/transaction/idl/described-programs.ts';
import type { DescribedPrograms } from '../../../gateway/core/transaction/programs/decode-instruction.ts';

/** First byte of the discriminator; the others are 0. */
const FIRST = { swap: 1, route: 2, unwind: 3, cancel: 4 } as const;

export type ExchangeInstruction = keyof typeof FIRST;

const discriminator = (name: ExchangeInstruction): readonly number[] => [FIRST[name], 0, 0, 0, 0, 0, 0, 0];

/** The bytes of an instruction; `true` is 1. */
export function exchangeData(name: ExchangeInstruction, ...values: readonly (bigint | boolean)[]): readonly number[] {
  return [
    ...discriminator(name),
    ...values.flatMap((value) => (typeof value === 'boolean' ? [Number(value)] : u64(value))),
  ];
}

function u64(value: bigint): readonly number[] {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setBigUint64(0, value, true);
  return [...new Uint8Array(bytes.buffer)];
}

const ACCOUNTS = [
  { name: 'user', writable: true, signer: true },
  { name: 'user_input', writable: true },
  { name: 'pool_input', writable: true },
  { name: 'input_mint' },
  { name: 'output_mint' },
  { name: 'token_program' },
];

export function describeExchange(address: Address): DescribedPrograms {
  const instruction = (name: ExchangeInstruction, args: readonly object[]) => ({
    name,
    discriminator: discriminator(name),
    accounts: ACCOUNTS,
    args,
  });
  const json = {
    address,
    metadata: { name: 'exchange', version: '0.1.0', spec: '0.1.0' },
    instructions: [
      instruction('swap', [{ name: 'params', type: { defined: { name: 'SwapParams' } } }]),
      instruction('route', [
        { name: 'amount', type: 'u64' },
        { name: 'other_amount_threshold', type: 'u64' },
        { name: 'amount_specified_is_input', type: 'bool' },
      ]),
      instruction('unwind', []),
      instruction('cancel', []),
    ],
    types: [
      {
        name: 'SwapParams',
        type: {
          kind: 'struct',
          fields: [
            { name: 'amount_in', type: 'u64' },
            { name: 'minimum_amount_out', type: 'u64' },
          ],
        },
      },
    ],
  };
  const read = readDescribedPrograms([{ address, json }]);
  if (read.kind === 'refused') throw new Error(read.problems.map(({ problem }) => problem).join('\n'));
  return read.programs;
}
