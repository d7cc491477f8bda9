// Owns the golden cases of budgets and addresses: limits over time and per recipient, decimals, tokens, blocked addresses, new
// recipients.
import { getAddMemoInstruction } from '@solana-program/memo';
import { AuthorityType, getSetAuthorityInstruction, getTransferCheckedInstruction } from '@solana-program/token';
import { mintAccount, READONLY, rawInstruction, WRITABLE } from '../../../gateway/core/effects/testing/judge.ts';
import { MEMO_PROGRAM_V2, TOKEN_PROGRAM } from '../../../gateway/core/transaction/programs/program-ids.ts';
import type { GoldenPlan } from './plan.ts';
import {
  associated,
  COMPUTE,
  createAssociated,
  EXCHANGE,
  held,
  named,
  OTHER_MINT,
  PAYROLL,
  paySol,
  payToken,
  SOL,
  SPONSOR,
  signerOf,
  systemAccount,
  USD,
  USDC,
  WALLET,
} from './scene.ts';
import { called, ran } from './simulated-run.ts';

/** Of policies/data/budgets.json: all rules on amounts and addresses, and a wallet whose every payment is approved. */
const SPENDER = ['spender', 'treasury'] as const;
const APPROVED = ['spender', 'strictly-approved'] as const;
/** On the blocklist, and also where the other rules would let it pass. */
const BLOCKED = named('blocked');
const ORACLE = named('oracle');
/** The data says 9 decimals, the chain 6. */
const CONFUSED_MINT = named('confused mint');

const [ours, exchanges, blockeds] = await Promise.all([
  associated(WALLET, USDC),
  associated(EXCHANGE, USDC),
  associated(BLOCKED, USDC),
]);
const CHAIN = [
  [WALLET, systemAccount(100n * SOL)] as const,
  [EXCHANGE, systemAccount(SOL)] as const,
  [USDC, mintAccount(6)] as const,
  [CONFUSED_MINT, mintAccount(6)] as const,
  [OTHER_MINT, mintAccount(6)] as const,
  await held(WALLET, USDC),
  await held(EXCHANGE, USDC),
  await held(BLOCKED, USDC),
  await held(WALLET, CONFUSED_MINT),
  await held(EXCHANGE, CONFUSED_MINT),
  await held(WALLET, OTHER_MINT),
  await held(EXCHANGE, OTHER_MINT),
  await held(SPONSOR, OTHER_MINT),
];

const small = [...COMPUTE, paySol(EXCHANGE, 1_000_000n)];

const exchangesAuthority = getSetAuthorityInstruction({
  owned: exchanges,
  owner: signerOf(EXCHANGE),
  authorityType: AuthorityType.CloseAccount,
  newAuthority: BLOCKED,
});

const callingOracle = rawInstruction(
  ORACLE,
  [
    [exchanges, WRITABLE],
    [EXCHANGE, READONLY],
    [TOKEN_PROGRAM, READONLY],
  ],
  [1],
);

const airdrop = getTransferCheckedInstruction({
  source: await associated(SPONSOR, OTHER_MINT),
  mint: OTHER_MINT,
  destination: await associated(WALLET, OTHER_MINT),
  authority: signerOf(SPONSOR),
  amount: 1n,
  decimals: 6,
});

const CASES: readonly GoldenPlan[] = [
  {
    name: 'allow-budget-of-sol',
    description: 'a payment with its limits over time: of the asset, of the recipient, of the fee, of the rate',
    instructions: small,
  },
  {
    name: 'allow-budget-of-several-assets',
    description:
      'two assets leave, and an account is paid for: each with its own limits, one of them with approval above',
    instructions: [
      paySol(EXCHANGE, 1n),
      await createAssociated(EXCHANGE, USDC),
      await payToken(EXCHANGE, USDC, 50n * USD),
    ],
    chain: CHAIN,
  },
  {
    name: 'allow-budget-without-the-fee-of-a-sponsor',
    description: 'a sponsor pays the fee: no limit on fees goes with the decision',
    feePayer: SPONSOR,
    instructions: small,
  },
  {
    name: 'allow-budget-of-nothing-sent',
    description: 'a memo alone: only fee and rate are limited over time',
    instructions: [getAddMemoInstruction({ memo: 'nothing' }, { programAddress: MEMO_PROGRAM_V2 })],
  },
  {
    name: 'approval-new-recipient',
    description: 'a recipient that may be paid and is not known yet, with limits of its own',
    instructions: [paySol(EXCHANGE, 1n), paySol(PAYROLL, 1n)],
  },
  {
    name: 'deny-more-to-one-recipient',
    description: 'one lamport above what one recipient may get, in two payments',
    instructions: [paySol(EXCHANGE, (3n * SOL) / 10n), paySol(EXCHANGE, (3n * SOL) / 10n + 1n)],
  },
  {
    name: 'deny-decimals-that-were-confused',
    description: 'an amount within its limit, of a mint with other decimals on chain than the data say',
    instructions: [await payToken(EXCHANGE, CONFUSED_MINT, 4_000n * USD)],
    chain: CHAIN,
  },
  {
    name: 'deny-token-that-is-not-listed',
    description: 'a token with a limit that is not on the list of tokens',
    instructions: [await payToken(EXCHANGE, OTHER_MINT, 1n)],
    chain: CHAIN,
  },
  {
    name: 'deny-token-that-is-not-listed-coming-in',
    description: 'a token that nobody listed, sent to the wallet by a sponsor',
    feePayer: SPONSOR,
    instructions: [...small, airdrop],
    chain: CHAIN,
  },
  {
    name: 'deny-blocked-recipient',
    description: 'a recipient on both lists, of SOL and of a token account',
    instructions: [
      paySol(BLOCKED, 1n),
      getTransferCheckedInstruction({
        source: ours,
        mint: USDC,
        destination: blockeds,
        authority: signerOf(WALLET),
        amount: 1n,
        decimals: 6,
      }),
    ],
    chain: CHAIN,
  },
  {
    name: 'deny-blocked-recipient-by-lookup-table',
    description: 'a recipient on both lists, visible only through a lookup table',
    tables: [{ address: named('table'), entries: [BLOCKED] }],
    instructions: [...COMPUTE, paySol(BLOCKED, 1n)],
  },
  {
    name: 'deny-blocked-fee-payer',
    description: 'a sponsor that is blocked pays the fee',
    feePayer: BLOCKED,
    instructions: small,
  },
  {
    name: 'deny-blocked-address-in-data-alone',
    description: 'an authority that stands only in the data of an instruction, and that another rule names',
    instructions: [
      getSetAuthorityInstruction({
        owned: ours,
        owner: signerOf(WALLET),
        authorityType: AuthorityType.CloseAccount,
        newAuthority: BLOCKED,
      }),
    ],
    chain: CHAIN,
  },
  {
    name: 'deny-blocked-account-of-an-unread-instruction',
    description: 'a blocked account that an instruction which nothing can read may write to',
    instructions: [...small, rawInstruction(ORACLE, [[BLOCKED, WRITABLE]], [1])],
  },
  {
    name: 'deny-blocked-address-that-a-simulation-shows',
    description: 'an authority that stands only in the data of a call inside',
    instructions: [callingOracle, paySol(EXCHANGE, 1n)],
    chain: CHAIN,
    simulation: ran(CHAIN, { calls: [called(2, exchangesAuthority)] }),
  },
];

const APPROVED_CASES: readonly GoldenPlan[] = [
  {
    name: 'approval-always',
    description: 'everything needs approval, and is limited over time as well',
    instructions: [paySol(PAYROLL, 1n)],
  },
  {
    name: 'deny-asset-with-limits-over-time-alone',
    description: 'a token with a limit over time, and none per transaction',
    instructions: [await payToken(EXCHANGE, USDC, 1n)],
    chain: CHAIN,
  },
];

export const AMOUNT_CASES: readonly GoldenPlan[] = [
  ...CASES.map((plan) => ({ ...plan, caller: SPENDER })),
  ...APPROVED_CASES.map((plan) => ({ ...plan, caller: APPROVED })),
];
