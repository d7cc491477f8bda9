// Owns establishing what a mint is like whose tokens move or may be moved later, and listing it.
import type { Address } from '../../address.ts';
import type { KnownInstruction } from '../../transaction/decoded-transaction.ts';
import { TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from '../../transaction/programs/program-ids.ts';
import type { MintFacts } from '../effects.ts';
import { optionalIntegerIn } from '../instruction-parts.ts';
import { type Ledger, lookUp, reportMissing, restOnState, unreadable } from '../ledger.ts';
import { type Mint, NATIVE_MINTS, plainMint, readMint, type TransferFee } from './mint-state.ts';

export interface MintInUse {
  /** `null`: not read, or not readable, which is missing where it matters. */
  readonly mint: Mint | null;
  readonly decimals: number | null;
}

/**
 * The mint of a token instruction and its decimals. Those of a checked instruction are enforced by the chain; where the mint was read
 * they must agree with it.
 */
export function mintInUse(ledger: Ledger, instruction: KnownInstruction, address: Address): MintInUse {
  const { program, index } = instruction;
  const checked = optionalIntegerIn(instruction, 'decimals');
  const mint =
    checked === null ? requireMint(ledger, index, address, program) : noteMint(ledger, index, address, program);
  if (checked === null) return { mint, decimals: mint?.decimals ?? null };
  if (mint !== null && BigInt(mint.decimals) !== checked) {
    const detail = `${address} has ${mint.decimals} decimals, the instruction says ${checked}`;
    reportMissing(ledger, 'mint', index, detail);
  }
  return { mint, decimals: Number(checked) };
}

/**
 * A mint of Token-2022 must be read whatever is done with its tokens: its extensions decide what happens. One of SPL Token is
 * taken note of where it was read.
 */
export function noteMint(ledger: Ledger, instruction: number, address: Address, tokenProgram: Address): Mint | null {
  const isKnown =
    ledger.mints.has(address) || ledger.facts.accounts.has(address) || ledger.facts.mintDecimals?.has(address) === true;
  if (tokenProgram !== TOKEN_2022_PROGRAM && !isKnown) return null;
  return requireMint(ledger, instruction, address, tokenProgram);
}

/** The mint as it stands now; names it as missing and answers `null` when that cannot be established. */
export function requireMint(ledger: Ledger, instruction: number, address: Address, tokenProgram: Address): Mint | null {
  const certain = ledger.mints.get(address) ?? NATIVE_MINTS.get(address) ?? cachedMint(ledger, address);
  const state = certain === null ? lookUp(ledger, address) : null;
  const mint = certain ?? (state ? readMint(state) : null);
  if (mint === null) {
    reportMissing(ledger, 'mint', instruction, `${address} ${unreadable(state, 'mint')}`);
    return null;
  }
  if (mint.tokenProgram !== tokenProgram) {
    const detail = `${address} is a mint of ${mint.tokenProgram}, the instruction one of ${tokenProgram}`;
    reportMissing(ledger, 'mint', instruction, detail);
    return null;
  }
  ledger.mintFacts.set(address, factsOf(address, mint));
  return mint;
}

/** The mint where nobody needs to ask for it; `null` where it is not known. */
export function knownMint(ledger: Ledger, address: Address): Mint | null {
  const state = ledger.facts.accounts.get(address);
  const certain = ledger.mints.get(address) ?? NATIVE_MINTS.get(address) ?? cachedMint(ledger, address);
  return certain ?? (state ? readMint(state) : null);
}

/** A classic mint that was read before: apart from its decimals there is nothing about it that effects depend on. */
function cachedMint(ledger: Ledger, address: Address): Mint | null {
  const decimals = ledger.facts.mintDecimals?.get(address);
  if (decimals === undefined) return null;
  restOnState(ledger);
  return plainMint(TOKEN_PROGRAM, decimals);
}

function factsOf(address: Address, mint: Mint): MintFacts {
  const { tokenProgram, decimals, extensions, permanentDelegate, transferHook, transferFees } = mint;
  return {
    mint: address,
    tokenProgram,
    decimals,
    extensions: [...extensions].sort(),
    permanentDelegate,
    transferHook: transferHook?.program ?? null,
    transferFee: transferFees.length === 0 ? null : largestFee(transferFees),
  };
}

/** The largest of each part: no transfer costs more, whichever fee is asked when it lands. */
function largestFee(fees: readonly TransferFee[]): TransferFee {
  let [basisPoints, maximum] = [0, 0n];
  for (const fee of fees) {
    basisPoints = Math.max(basisPoints, fee.basisPoints);
    if (fee.maximum > maximum) maximum = fee.maximum;
  }
  return { basisPoints, maximum };
}
