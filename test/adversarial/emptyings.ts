// Owns ways to send somewhere what an account of the wallet holds: all of it, or what is above its rent.
import { AccountRole, type Address, type Instruction } from '@solana/kit';
import * as tables from '@solana-program/address-lookup-table';
import * as loader from '@solana-program/loader-v3';
import * as system from '@solana-program/system';
import * as token from '@solana-program/token';
import * as token2022 from '@solana-program/token-2022';
import { rentExemption, TOKEN_ACCOUNT_RENT } from '../../gateway/core/effects/rent.ts';
import { TOKEN_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { cpiProxy } from '../programs/cpi-proxy.ts';
import { OWN_PROGRAM, SOL, signer, type Victim } from './victim.ts';

const LIMIT = 'SPENDING_LIMIT_EXCEEDED';
const RECIPIENT = 'RECIPIENT_NOT_ALLOWED';
const CLOSE = 'CLOSE_DESTINATION_NOT_ALLOWED';
const MISSING = 'FACT_MISSING';

/** The wallet is its mint authority; it holds 3 SOL too many. */
export const RICH_MINT = keyAddress(405);

/** `codes`: why it is denied to a stranger. `lamports`: that arrive there. */
export type Emptying = readonly [
  what: string,
  instruction: (victim: Victim, to: Address) => Instruction,
  codes: readonly string[],
  lamports: bigint,
];

export const EMPTYINGS: readonly Emptying[] = [
  [
    'wrapped SOL, by CloseAccount',
    ({ wrapped, wallet }, destination) =>
      token.getCloseAccountInstruction({ account: wrapped, destination, owner: signer(wallet) }),
    [LIMIT, RECIPIENT, CLOSE, MISSING],
    4n * SOL + TOKEN_ACCOUNT_RENT,
  ],
  [
    'wrapped SOL, by UnwrapLamports',
    ({ wrapped, wallet }, destination) =>
      token.getUnwrapLamportsInstruction({ source: wrapped, destination, authority: signer(wallet), amount: null }),
    [LIMIT, RECIPIENT, MISSING],
    4n * SOL,
  ],
  [
    'lamports of a mint, by WithdrawExcessLamports',
    ({ wallet }, destination) =>
      token2022.getWithdrawExcessLamportsInstruction(
        { source: RICH_MINT, destination, authority: signer(wallet) },
        { programAddress: TOKEN_PROGRAM },
      ),
    [LIMIT, RECIPIENT, MISSING],
    3n * SOL,
  ],
  [
    'a nonce account, by a withdrawal of everything',
    ({ nonce, wallet }, recipientAccount) =>
      system.getWithdrawNonceAccountInstruction({
        nonceAccount: nonce,
        recipientAccount,
        nonceAuthority: signer(wallet),
        withdrawAmount: rentExemption(80n) + 2n * SOL,
      }),
    [LIMIT, RECIPIENT],
    rentExemption(80n) + 2n * SOL,
  ],
  [
    'a buffer, by a close',
    ({ buffer, wallet }, destinationAccount) =>
      loader.getCloseInstruction({
        bufferOrProgramDataAccount: buffer,
        destinationAccount,
        authority: signer(wallet),
      }),
    [LIMIT, RECIPIENT, CLOSE, MISSING],
    rentExemption(37n + BigInt(cpiProxy({ gated: true }).length)) + 3n * SOL,
  ],
  [
    'a program, by a close',
    ({ programData, wallet }, destinationAccount) => {
      const place = { bufferOrProgramDataAccount: programData, destinationAccount, authority: signer(wallet) };
      const close = loader.getCloseInstruction({ ...place, programAccount: OWN_PROGRAM });
      // The published client marks the program readonly; the runtime wants to write to it.
      const accounts = close.accounts.map((account, i) =>
        i === 3 ? { ...account, role: AccountRole.WRITABLE } : account,
      );
      return { ...close, accounts };
    },
    [LIMIT, RECIPIENT, CLOSE, MISSING],
    rentExemption(45n + BigInt(cpiProxy().length) + 4_096n),
  ],
  [
    'a buffer, by the spill account of an upgrade',
    ({ buffer, programData, wallet }, spillAccount) =>
      loader.getUpgradeInstruction({
        programDataAccount: programData,
        programAccount: OWN_PROGRAM,
        bufferAccount: buffer,
        spillAccount,
        authority: signer(wallet),
      }),
    [LIMIT, RECIPIENT, CLOSE, MISSING],
    rentExemption(37n + BigInt(cpiProxy({ gated: true }).length)) + 3n * SOL,
  ],
  [
    'a lookup table, by a close',
    ({ deadTable, wallet }, recipient) =>
      tables.getCloseLookupTableInstruction({ address: deadTable, authority: signer(wallet), recipient }),
    [LIMIT, RECIPIENT, CLOSE],
    rentExemption(56n + 32n),
  ],
];
