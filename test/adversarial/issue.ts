// Owns mints of Token-2022 on the local chain of a test, each with extensions of its own, and tokens of it in several hands.
import { type Address, createNoopSigner, type Instruction } from '@solana/kit';
import * as token from '@solana-program/token-2022';
import { extendedAccount, extendedMint, type MintPlan } from '../../gateway/core/effects/testing/token-2022-state.ts';
import { TOKEN_2022_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import type { AttackedGateway } from './attacked-gateway.ts';

const FIRST_MINT = 300;
/** Mint, and three token accounts. */
const KEYS_EACH = 4;

export interface Issue {
  readonly wallet: Address;
  readonly stranger: Address;
  readonly mint: Address;
  /** Token accounts of the wallet; `associated` is the one at its derived address. */
  readonly own: Address;
  readonly associated: Address;
  /** Of who may be paid, and of the stranger. */
  readonly friends: Address;
  readonly strangers: Address;
}

export interface IssuePlan extends MintPlan {
  readonly ofAccounts?: readonly token.ExtensionArgs[];
  /** Base units in each account. */
  readonly amount?: bigint;
}

/** Addresses of the first mints that will be issued, for rules that must name them before. */
export function mintsToCome(count: number): readonly Address[] {
  return Array.from({ length: count }, (_, n) => keyAddress(FIRST_MINT + n * KEYS_EACH));
}

export type IssueTokens = (plan?: IssuePlan) => Promise<Issue>;

export function issuing(gateway: AttackedGateway): IssueTokens {
  let next = FIRST_MINT;
  return async ({ ofAccounts = [], amount = 10_000n, ...plan } = {}) => {
    const { wallet, recipient } = gateway.scene;
    const stranger = gateway.attacker.address;
    const key = (n: number) => keyAddress(next + n);
    const [mint, own, friends, strangers] = [key(0), key(1), key(2), key(3)];
    next += KEYS_EACH;
    const [associated] = await token.findAssociatedTokenPda({ owner: wallet, mint, tokenProgram: TOKEN_2022_PROGRAM });
    await gateway.put(mint, extendedMint({ supply: 4n * amount, ...plan }));
    const hands = [
      [own, wallet],
      [associated, wallet],
      [friends, recipient],
      [strangers, stranger],
    ] as const;
    for (const [account, owner] of hands) {
      await gateway.put(account, extendedAccount({ mint, owner, amount, extensions: ofAccounts }));
    }
    return { wallet, stranger, mint, own, associated, friends, strangers };
  };
}

export interface Sending {
  readonly source?: Address;
  readonly destination?: Address;
  readonly authority?: Address;
  readonly amount?: bigint;
}

/** One base unit from the wallet to who may be paid, where nothing else is said. */
export function send(at: Issue, sending: Sending = {}): Instruction {
  const { source = at.own, destination = at.friends, authority = at.wallet, amount = 1n } = sending;
  const { mint } = at;
  return token.getTransferCheckedInstruction({
    ...{ source, mint, destination, amount, decimals: 6 },
    authority: createNoopSigner(authority),
  });
}
