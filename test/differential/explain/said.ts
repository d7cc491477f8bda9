// Owns questions to the effects: what they say of one account.
import type { Address } from '../../../gateway/core/address.ts';
import type { AuthorityChange, Effects } from '../../../gateway/core/effects/effects.ts';
import type { DecodedTransaction } from '../../../gateway/core/transaction/decoded-transaction.ts';
import {
  NATIVE_MINT,
  NATIVE_MINT_2022,
  SYSTEM_PROGRAM,
} from '../../../gateway/core/transaction/programs/program-ids.ts';

/** A field of an account that is another after the transaction. */
export interface Change {
  readonly account: Address;
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
}

export type Rule = (change: Change, effects: Effects, decoded: DecodedTransaction) => boolean;

/** The last change of an authority is the one that counts, and says who has it then. All zeros stand for nobody. */
export function handedOver(...kinds: readonly string[]): Rule {
  return ({ account, after }, effects) => {
    const last = lastHandover(effects, account, kinds);
    return last !== undefined && (last.to ?? 'null') === nobody(after);
  };
}

export function operated(...kinds: readonly string[]): Rule {
  return ({ account }, { operations }) => operations.some((it) => it.account === account && kinds.includes(it.kind));
}

export function either(...rules: readonly Rule[]): Rule {
  return (change, effects, decoded) => rules.some((rule) => rule(change, effects, decoded));
}

/** A right that is taken away needs no word. */
export const givenUp: Rule = ({ after }) => after === 'null';

export const never: Rule = () => false;

export function closes(effects: Effects, account: Address): boolean {
  return effects.closes.some((close) => close.account === account);
}

export function creates(effects: Effects, account: Address): boolean {
  return effects.creations.some((creation) => creation.account === account);
}

export function lastHandover(
  { authorityChanges }: Effects,
  account: Address,
  kinds: readonly string[],
): AuthorityChange | undefined {
  return authorityChanges.findLast((it) => it.account === account && kinds.includes(it.kind));
}

function nobody(text: string | null): string {
  return text === null || text === SYSTEM_PROGRAM ? 'null' : text;
}

/** Of either token program. */
export function isWrappedSol(asset: string): boolean {
  return asset === NATIVE_MINT || asset === NATIVE_MINT_2022;
}
