import { createNoopSigner, type Instruction } from '@solana/kit';
import { getAdvanceNonceAccountInstruction } from '@solana-program/system';
import * as token from '@solana-program/token-2022';
import { describe, expect, it } from 'vitest';
import { TOKEN_ACCOUNT_RENT } from '../effects/rent.ts';
import { type Chain, mintAccount, tokenAccount } from '../effects/testing/judge.ts';
import {
  ASSOCIATED,
  chainOf,
  FRIEND,
  FRIENDS,
  HOOK,
  MINT,
  OWN,
  PLAIN,
  STRANGER,
  STRANGERS,
  send,
  stranger,
  WALLET,
  WITH_FEE,
} from '../effects/testing/token-2022-chain.ts';
import { transferHook } from '../effects/testing/token-2022-state.ts';
import { TOKEN_PROGRAM } from '../transaction/programs/program-ids.ts';
import { sponsorDenial } from './sponsor-denial.ts';
import { sponsorLimits } from './sponsor-limits.ts';
import { dueFor } from './sponsor-payment.ts';
import type { SponsorTerms } from './sponsor-terms.ts';
import { SPONSOR, sponsored, TERMS } from './testing/sponsored.ts';

/** Of two signatures. */
const FEE = 10_000n;
const PAID: SponsorTerms = {
  ...TERMS,
  payment: { mint: MINT, to: FRIENDS, price: { baseUnits: 3n, lamports: 1_000n } },
};
/** Three base units for a thousand lamports. */
const DUE = 30n;

const codeOf = (terms: SponsorTerms, instructions: readonly Instruction[], chain: Chain = PLAIN) =>
  sponsorDenial(terms, sponsored(instructions, chain))?.code ?? null;

describe('what one transaction may cost', () => {
  it('is its fee, to the lamport', () => {
    expect(codeOf({ ...TERMS, maxPerTransaction: FEE }, [send(FRIENDS)])).toBeNull();
    expect(sponsorDenial({ ...TERMS, maxPerTransaction: FEE - 1n }, sponsored([send(FRIENDS)]))).toEqual({
      code: 'SPONSOR_COST_EXCEEDED',
      rule: 'gateway',
      message: 'the transaction costs gas-station 10000 lamports of fee and rent',
      remedy: 'at most 9999 lamports: offer a lower priority fee, open fewer accounts, or let the wallet pay the rent',
      facts: { sponsor: 'gas-station', fee_payer: SPONSOR, lamports: '10000', max: '9999' },
    });
  });

  it.each([
    ['of SPL Token', TOKEN_PROGRAM, TOKEN_ACCOUNT_RENT],
    ['of Token-2022, whatever its mint may ask for by then', token.TOKEN_2022_PROGRAM_ADDRESS, (128n + 256n) * 6_960n],
  ] as const)('is the rent of each account too, created or not: %s', (_of, tokenProgram, rent) => {
    const payer = createNoopSigner(SPONSOR);
    const open = token.getCreateAssociatedTokenIdempotentInstruction({
      payer,
      ata: FRIENDS,
      owner: FRIEND,
      mint: MINT,
      tokenProgram,
    });
    const chain: Chain =
      tokenProgram === TOKEN_PROGRAM
        ? [
            [MINT, mintAccount(6)],
            [FRIENDS, tokenAccount({ mint: MINT, owner: FRIEND })],
          ]
        : PLAIN;
    const instructions = [open, open];
    // The sponsor alone signs.
    const cost = FEE / 2n + 2n * rent;
    const terms = { ...TERMS, accountRent: 'associated_token_accounts' } as const;
    expect(codeOf({ ...terms, maxPerTransaction: cost }, instructions, chain)).toBeNull();
    expect(codeOf({ ...terms, maxPerTransaction: cost - 1n }, instructions, chain)).toBe('SPONSOR_COST_EXCEEDED');
  });

  it('is nothing for what lives by a durable nonce', () => {
    const nonceAuthority = createNoopSigner(WALLET);
    const advance = getAdvanceNonceAccountInstruction({ nonceAccount: STRANGERS, nonceAuthority });
    expect(codeOf(TERMS, [advance, send(FRIENDS)])).toBe('SPONSOR_DURABLE_NONCE');
  });

  it('is nothing for what a simulation shows to fail', () => {
    const acts = { ...sponsored([send(FRIENDS)]), fails: '"InstructionError"' };
    expect(sponsorDenial(TERMS, acts)).toMatchObject({ code: 'SPONSORED_TRANSACTION_FAILS' });
  });
});

describe('a payment for the fee', () => {
  it('is due to the last base unit, rounded up', () => {
    expect(codeOf(PAID, [send(FRIENDS, DUE)])).toBeNull();
    expect(codeOf(PAID, [send(FRIENDS, 10n), send(FRIENDS, DUE - 10n)])).toBeNull();
    expect(sponsorDenial(PAID, sponsored([send(FRIENDS, DUE - 1n)]))).toMatchObject({
      code: 'SPONSOR_PAYMENT_MISSING',
      facts: { due: '30', arrives: '29', lamports: '10000', mint: MINT, to: FRIENDS },
    });
    expect(
      [1n, 999n, 1_000n, 1_001n].map((lamports) => dueFor(lamports, { price: { baseUnits: 3n, lamports: 1_000n } })),
    ).toEqual([1n, 3n, 3n, 4n]);
    const u64 = 2n ** 64n - 1n;
    expect(dueFor(u64, { price: { baseUnits: u64, lamports: 1n } })).toBe(u64 * u64);
  });

  it.each<[string, readonly Instruction[]]>([
    ['nothing', []],
    ['to another account', [send(STRANGERS, DUE)]],
    ['by somebody else than the wallet', [send(FRIENDS, DUE, STRANGERS, stranger)]],
  ])('is missing where there is one of %s', (_what, instructions) => {
    expect(codeOf(PAID, [send(STRANGERS, 1n), ...instructions])).toBe('SPONSOR_PAYMENT_MISSING');
  });

  it('of another mint does not count', () => {
    const other = { ...PAID, payment: { mint: HOOK, to: FRIENDS, price: { baseUnits: 3n, lamports: 1_000n } } };
    expect(codeOf(other, [send(FRIENDS, DUE)])).toBe('SPONSOR_PAYMENT_MISSING');
  });

  it('counts what arrives where its mint withholds a fee', () => {
    // 2.5 % are the more of the two fees, rounded up.
    expect(codeOf(PAID, [send(FRIENDS, DUE)], WITH_FEE)).toBe('SPONSOR_PAYMENT_MISSING');
    expect(codeOf(PAID, [send(FRIENDS, DUE + 1n)], WITH_FEE)).toBeNull();
  });

  it.each<[string, Chain]>([
    ['a program has a say', chainOf([transferHook(HOOK)])],
    ['somebody may take the tokens back', chainOf([{ __kind: 'PermanentDelegate', delegate: STRANGER }])],
  ])('is uncertain where %s', (_where, chain) => {
    expect(codeOf(PAID, [send(FRIENDS, 1_000n)], chain)).toBe('SPONSOR_PAYMENT_UNCERTAIN');
  });

  it.each<[string, Instruction]>([
    ['takes it away', send(STRANGERS, 1n, FRIENDS, createNoopSigner(FRIEND))],
    [
      'closes the account',
      token.getCloseAccountInstruction({ account: FRIENDS, destination: STRANGER, owner: createNoopSigner(FRIEND) }),
    ],
    [
      'burns it',
      token.getBurnInstruction({ account: FRIENDS, mint: MINT, authority: createNoopSigner(FRIEND), amount: 1n }),
    ],
    [
      'lets somebody else take it',
      token.getApproveInstruction({ source: FRIENDS, delegate: STRANGER, owner: createNoopSigner(FRIEND), amount: 1n }),
    ],
  ])('is uncertain where the same transaction %s', (_what, instruction) => {
    expect(codeOf(PAID, [send(FRIENDS, 3n * DUE), instruction])).toBe('SPONSOR_PAYMENT_UNCERTAIN');
  });

  it('of SPL Token needs no facts of its mint; of Token-2022 it does', () => {
    const spl: Chain = [
      [OWN, tokenAccount({ mint: MINT, owner: WALLET })],
      [FRIENDS, tokenAccount({ mint: MINT, owner: FRIEND })],
    ];
    const plain = { ...send(FRIENDS, DUE), programAddress: TOKEN_PROGRAM };
    expect(codeOf(PAID, [plain], spl)).toBeNull();
    const unread = PLAIN.filter(([account]) => account !== MINT);
    expect(codeOf(PAID, [send(FRIENDS, DUE)], unread)).toBe('SPONSOR_PAYMENT_UNCERTAIN');
  });

  it('is none to an account of the wallet itself', () => {
    const own = { ...PAID, payment: { mint: MINT, to: ASSOCIATED, price: { baseUnits: 1n, lamports: 1_000n } } };
    expect(codeOf(own, [send(ASSOCIATED, 1_000n)])).toBe('SPONSOR_PAYMENT_MISSING');
  });
});

it('has budgets of its own, for each agent and for all, that no policy can name', () => {
  const limits = sponsorLimits(TERMS);
  expect(limits.map(({ id, scope, max }) => [id, scope, max])).toEqual([
    ['@sponsor/gas-station/agent', 'agent', 20_000_000n],
    ['@sponsor/gas-station/all', 'global', 30_000_000n],
  ]);
  for (const { measure, window, onExceed } of limits) {
    expect([measure, window, onExceed]).toEqual([
      { kind: 'sponsored', payer: SPONSOR },
      { kind: 'rolling', seconds: 86_400 },
      { kind: 'deny' },
    ]);
  }
});
