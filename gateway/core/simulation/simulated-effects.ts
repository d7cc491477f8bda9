// Owns what a transaction did in its simulation: what its message tells, and what the calls inside tell of the rest.
import type { Address } from '../address.ts';
import { assertNever } from '../assert-never.ts';
import type { ChainFacts } from '../effects/chain-facts.ts';
import { effectsOf } from '../effects/compute-effects.ts';
import type { Effects } from '../effects/effects.ts';
import { followInstruction } from '../effects/follow-instructions.ts';
import { openLedger } from '../effects/ledger.ts';
import type { DecodedTransaction } from '../transaction/decoded-transaction.ts';
import type { RanInstruction } from './inner-instructions.ts';

/**
 * Every instruction that was run is followed once, in order: by itself, or as a part of what its caller is known to do. Of a program
 * that is not known only its calls are followed: it can take nothing of the wallet but by calling those who keep it.
 */
export function simulatedEffects(
  decoded: DecodedTransaction,
  wallet: Address,
  facts: ChainFacts,
  ran: readonly RanInstruction[],
): Effects {
  const ledger = openLedger(wallet, facts);
  for (const { depth, instruction, toldBy } of ran) {
    switch (toldBy) {
      case 'itself':
      case 'nobody':
        followInstruction(ledger, instruction, depth === 1 ? 'message' : 'simulation');
        break;
      case 'caller':
      case 'calls':
        break;
      default:
        assertNever(toldBy);
    }
  }
  const inner = ran.filter(({ depth, toldBy }) => depth > 1 && toldBy !== 'caller');
  return effectsOf(
    ledger,
    decoded,
    inner.map(({ instruction }) => instruction),
  );
}
