// Owns the comparison of effects with what really changed: every change of lamports, tokens and rights must be explained.
import type { Address } from '../../gateway/core/address.ts';
import type { Execution } from './execution.ts';
import { fieldChanges } from './explain/fields.ts';
import { lamportChanges } from './explain/lamports.ts';
import { newAuthorities, refunds } from './explain/new-accounts.ts';
import { protectedAccounts, recipients, walletLosses } from './explain/sums.ts';
import { tokenChanges } from './explain/tokens.ts';

/** What the effects leave unexplained, in words; empty where they explain everything. Only for executions that succeeded. */
export function unexplained(execution: Execution, wallet: Address): readonly string[] {
  return [...unexpectedlyMissing(execution), ...unexplainedChanges(execution, wallet)];
}

/** The same where facts may be missing: then the gateway denies, and nothing needs to be explained. */
export function unexplainedUnlessMissing(execution: Execution, wallet: Address): readonly string[] {
  return unexpectedlyMissing(execution).length > 0 ? [] : unexplainedChanges(execution, wallet);
}

function unexplainedChanges(execution: Execution, wallet: Address): readonly string[] {
  return [
    ...lamportChanges(execution),
    ...tokenChanges(execution),
    ...fieldChanges(execution),
    ...newAuthorities(execution),
    ...refunds(execution),
    ...walletLosses(execution, wallet),
    ...protectedAccounts(execution, wallet),
    ...recipients(execution),
  ];
}

/**
 * All facts were there; only what may change before the transaction lands stays open, on purpose: who closes, all of a balance, and
 * what a hook that can be set does.
 */
function unexpectedlyMissing({ effects }: Execution): readonly string[] {
  return effects.missing
    .filter(({ fact, detail }) => fact !== 'amount' && fact !== 'transfer_hook' && !detail.includes('can be closed by'))
    .map(({ fact, detail }) => `missing ${fact}: ${detail}`);
}
