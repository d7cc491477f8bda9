// Owns which bounds stand in the arguments of a described instruction: the least that comes out, the most that goes in.
import type { ArgumentValue, DecodedInstruction } from '../../transaction/decoded-transaction.ts';
import type { Guarantee } from '../effects.ts';
import { memberOf, membersOf } from './argument-values.ts';

/** Least amounts that come out, as swap programs name them in their IDLs. */
const LEAST: ReadonlySet<string> = new Set([
  'minimum_amount_out',
  'minimum_out_amount',
  'minimum_output_amount',
  'min_amount_out',
  'min_out_amount',
  'min_output_amount',
  'min_out',
  'min_return',
  'amount_out_min',
  'amount_out_minimum',
  'minimum_lp_amount',
  'minimum_lp_token_amount',
  'minimum_pool_token_amount',
  'min_lp_amount',
  'min_sol_output',
  'min_base_amount_out',
  'min_quote_amount_out',
]);

/** Largest amounts that go in. */
const MOST: ReadonlySet<string> = new Set([
  'maximum_amount_in',
  'maximum_in_amount',
  'maximum_input_amount',
  'max_amount_in',
  'max_in_amount',
  'max_input_amount',
  'max_in',
  'amount_in_max',
  'amount_in_maximum',
  'max_sol_cost',
  'max_base_amount_in',
  'max_quote_amount_in',
]);

/** What says which side `other_amount_threshold` bounds: the output where the amount is that of the input, else the input. */
const AMOUNT_IS_INPUT: readonly string[] = ['amount_specified_is_input', 'is_base_input'];

const BASIS_POINTS = 10_000n;
const U64_MAX = 0xffff_ffff_ffff_ffffn;

/** A bound that bounds nothing is none: at least zero, at most all there is. Its program is trusted to keep it. */
export function argumentGuarantees(instructions: readonly DecodedInstruction[]): readonly Guarantee[] {
  return instructions.flatMap((instruction) => {
    if (instruction.kind !== 'described') return [];
    return boundsIn(instruction.arguments, '')
      .filter(({ operator, amount }) => (operator === '>=' ? amount > 0n : amount < U64_MAX))
      .map(({ argument, operator, amount }): Guarantee => {
        const { index } = instruction;
        return {
          instruction: index,
          basis: 'message',
          kind: 'argument',
          argument,
          account: null,
          operator,
          amount,
          value: null,
        };
      });
  });
}

interface Bound {
  readonly argument: string;
  readonly operator: '>=' | '<=';
  readonly amount: bigint;
}

/** Also in structs, with a dot between the names; not in lists, where it is not clear what is bounded. */
function boundsIn(values: ArgumentValue, path: string): readonly Bound[] {
  return membersOf(values).flatMap(([name, value]): readonly Bound[] => {
    const argument = `${path}${name}`;
    if (typeof value !== 'bigint') return boundsIn(value, `${argument}.`);
    if (LEAST.has(name)) return [{ argument, operator: '>=', amount: value }];
    if (MOST.has(name)) return [{ argument, operator: '<=', amount: value }];
    if (name === 'other_amount_threshold') return thresholdOf(values, argument, value);
    return quoteOf(values, name, argument, value);
  });
}

function thresholdOf(values: ArgumentValue, argument: string, amount: bigint): readonly Bound[] {
  const sides = AMOUNT_IS_INPUT.map((name) => memberOf(values, name)).filter((side) => typeof side === 'boolean');
  const [isInput] = sides;
  if (isInput === undefined || sides.length > 1) return [];
  return [{ argument, operator: isInput ? '>=' : '<=', amount }];
}

/**
 * A quote with the slippage that is allowed, as Jupiter has it: rounded to the weaker side, and less the platform's fee, which
 * may be taken after the check.
 */
function quoteOf(values: ArgumentValue, name: string, argument: string, quoted: bigint): readonly Bound[] {
  const slippage = memberOf(values, 'slippage_bps');
  const fee = memberOf(values, 'platform_fee_bps') ?? 0n;
  if (typeof slippage !== 'bigint' || typeof fee !== 'bigint') return [];
  if (name === 'quoted_out_amount') {
    if (slippage > BASIS_POINTS || fee > BASIS_POINTS) return [];
    const amount = (quoted * (BASIS_POINTS - slippage) * (BASIS_POINTS - fee)) / (BASIS_POINTS * BASIS_POINTS);
    return [{ argument, operator: '>=', amount }];
  }
  if (name === 'quoted_in_amount') {
    const amount = (quoted * (BASIS_POINTS + slippage) + BASIS_POINTS - 1n) / BASIS_POINTS;
    return [{ argument, operator: '<=', amount }];
  }
  return [];
}
