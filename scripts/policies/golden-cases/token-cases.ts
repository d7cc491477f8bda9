// Owns the golden cases of SPL Token: amounts, recipients by the owner that the chain names, batches, and the sides of authority.
import type { Address, Instruction } from '@solana/kit';
import {
  AuthorityType,
  getApproveCheckedInstruction,
  getApproveInstruction,
  getBatchInstruction,
  getBurnCheckedInstruction,
  getCloseAccountInstruction,
  getSetAuthorityInstruction,
  getSyncNativeInstruction,
  getTransferCheckedInstruction,
  getTransferInstruction,
} from '@solana-program/token';
import { mintAccount, tokenAccount } from '../../../gateway/core/effects/testing/judge.ts';
import { NATIVE_MINT } from '../../../gateway/core/transaction/programs/program-ids.ts';
import type { GoldenPlan } from './plan.ts';
import {
  associated,
  createAssociated,
  EXCHANGE,
  held,
  KEEPER,
  named,
  OTHER_MINT,
  OURS,
  PAYROLL,
  paySol,
  payToken,
  STRANGER,
  USD,
  USDC,
  WALLET,
} from './scene.ts';

/** The delegate that policies/data/keeper.json permits. */
const DELEGATE = named('delegate');

const [ours, payrolls, exchanges, theirs] = await Promise.all([
  associated(WALLET, USDC),
  associated(PAYROLL, USDC),
  associated(EXCHANGE, USDC),
  associated(STRANGER, USDC),
]);
const CHAIN = [
  [USDC, mintAccount(6)] as const,
  await held(WALLET, USDC),
  await held(PAYROLL, USDC),
  await held(STRANGER, USDC),
  await held(EXCHANGE, USDC),
  await held(WALLET, OTHER_MINT),
  await held(PAYROLL, OTHER_MINT),
];

const usdc = { mint: USDC, decimals: 6 } as const;
const payPayroll = async (amount: bigint) => [
  await createAssociated(PAYROLL, USDC),
  await payToken(PAYROLL, USDC, amount),
];

const checkedTransfer = (amount: bigint, destination = payrolls) =>
  getTransferCheckedInstruction({ ...usdc, source: ours, destination, authority: OURS, amount });
const approval = (delegate: typeof DELEGATE, amount: bigint) =>
  getApproveCheckedInstruction({ ...usdc, source: ours, delegate, owner: OURS, amount });

export const TOKEN_CASES: readonly GoldenPlan[] = [
  {
    name: 'allow-token-transfer',
    description: 'tokens to the associated account of a known recipient, created when it is missing',
    instructions: await payPayroll(50n * USD),
    chain: CHAIN,
  },
  {
    name: 'approval-token-above-threshold',
    description: 'one base unit above what needs no approval',
    instructions: await payPayroll(100n * USD + 1n),
    chain: CHAIN,
  },
  {
    name: 'deny-token-above-limit',
    description: 'one base unit above the limit of the token',
    instructions: await payPayroll(500n * USD + 1n),
    chain: CHAIN,
  },
  {
    name: 'deny-token-recipient-of-another-asset',
    description: 'a recipient that is known, but not for this token',
    instructions: [await payToken(EXCHANGE, USDC, USD)],
    chain: CHAIN,
  },
  {
    name: 'deny-token-without-limit',
    description: 'another mint, which has no limit',
    instructions: [await payToken(PAYROLL, OTHER_MINT, 1n)],
    chain: CHAIN,
  },
  {
    name: 'deny-recipient-unknown',
    description: 'a token account that does not exist, so nobody knows whose it will be',
    instructions: [checkedTransfer(USD, named('nobody'))],
    chain: CHAIN,
  },
  {
    name: 'deny-associated-account-of-another-owner',
    description: 'the derived address of a known recipient, whose account now belongs to a stranger',
    instructions: [checkedTransfer(USD)],
    chain: [...CHAIN, [payrolls, tokenAccount({ mint: USDC, owner: STRANGER })]],
  },
  {
    name: 'deny-unchecked-transfer',
    description: 'a transfer without mint and decimals, which the data does not name',
    instructions: [getTransferInstruction({ source: ours, destination: payrolls, authority: OURS, amount: USD })],
    chain: CHAIN,
  },
  {
    name: 'deny-transfer-as-delegate',
    description: 'tokens of the exchange that the wallet may move as delegate, to a stranger',
    instructions: [
      getTransferCheckedInstruction({ ...usdc, source: exchanges, destination: theirs, authority: OURS, amount: USD }),
    ],
    chain: CHAIN,
  },
  {
    name: 'deny-transfer-as-multisig-member',
    description: 'tokens of a multisig of which the wallet is a member, above the limit of the wallet',
    instructions: [
      getTransferCheckedInstruction({
        ...usdc,
        source: named('shared'),
        destination: payrolls,
        authority: named('multisig'),
        multiSigners: [OURS],
        amount: 501n * USD,
      }),
    ],
    chain: [...CHAIN, [named('shared'), tokenAccount({ mint: USDC, owner: named('multisig') })]],
  },
  {
    name: 'deny-delegate',
    description: 'an approval: no balance moves, and all may leave later',
    instructions: [getApproveInstruction({ source: ours, delegate: STRANGER, owner: OURS, amount: 2n ** 64n - 1n })],
    chain: CHAIN,
  },
  {
    name: 'deny-token-account-given-away',
    description: 'the owner of a token account becomes a stranger',
    instructions: [
      getSetAuthorityInstruction({
        owned: ours,
        owner: OURS,
        authorityType: AuthorityType.AccountOwner,
        newAuthority: STRANGER,
      }),
    ],
    chain: CHAIN,
  },
  {
    name: 'deny-close-to-stranger',
    description: 'a token account is closed, and its lamports go to a stranger',
    instructions: [getCloseAccountInstruction({ account: ours, destination: STRANGER, owner: OURS })],
    chain: [[ours, tokenAccount({ mint: USDC, owner: WALLET, amount: 0n })]],
  },
  {
    name: 'deny-rent-above-limit',
    description: 'more new accounts than the limit of rent pays for',
    instructions: await Promise.all(
      [USDC, OTHER_MINT, named('third mint')].map((mint) => createAssociated(PAYROLL, mint)),
    ),
  },
  {
    name: 'deny-batch',
    description: 'a batch that the data does not name',
    instructions: [getBatchInstruction([checkedTransfer(USD)])],
    chain: CHAIN,
  },
  {
    name: 'allow-batch-of-named-instructions',
    description: 'a batch whose every part is named: it counts like its parts',
    caller: KEEPER,
    instructions: [getBatchInstruction([checkedTransfer(USD), checkedTransfer(USD)])],
    chain: CHAIN,
  },
  {
    name: 'deny-batch-above-limit',
    description: 'a batch of transfers that are each within the limit, and together above it',
    caller: KEEPER,
    instructions: [getBatchInstruction([checkedTransfer(250n * USD), checkedTransfer(250n * USD + 1n)])],
    chain: CHAIN,
  },
  {
    name: 'deny-batch-with-a-part-that-nobody-named',
    description: 'a batch that hides a change of owner behind a transfer',
    caller: KEEPER,
    instructions: [
      getBatchInstruction([
        checkedTransfer(USD),
        getSetAuthorityInstruction({
          owned: ours,
          owner: OURS,
          authorityType: AuthorityType.AccountOwner,
          newAuthority: STRANGER,
        }),
      ]),
    ],
    chain: CHAIN,
  },
  {
    name: 'allow-approval-of-a-named-delegate',
    description: 'a delegate that the data names, up to its amount',
    caller: KEEPER,
    instructions: [approval(DELEGATE, 100n * USD)],
    chain: CHAIN,
  },
  {
    name: 'deny-approval-above-amount',
    description: 'a delegate that the data names, with one base unit more',
    caller: KEEPER,
    instructions: [approval(DELEGATE, 100n * USD + 1n)],
    chain: CHAIN,
  },
  {
    name: 'allow-burn-up-to-its-amount',
    description: 'a burn that the data names, within the limit of the token too',
    caller: KEEPER,
    instructions: [getBurnCheckedInstruction({ ...usdc, account: ours, authority: OURS, amount: 10n * USD })],
    chain: CHAIN,
  },
  {
    name: 'deny-burn-above-its-amount',
    description: 'one base unit more burnt than the data names',
    caller: KEEPER,
    instructions: [getBurnCheckedInstruction({ ...usdc, account: ours, authority: OURS, amount: 10n * USD + 1n })],
    chain: CHAIN,
  },
  {
    name: 'allow-wrapping-sol',
    description: 'SOL into the wrapped SOL of the wallet itself',
    caller: KEEPER,
    instructions: await wrapSolFor(WALLET),
  },
  {
    name: 'deny-wrapped-sol-to-stranger',
    description: 'SOL into the wrapped SOL of a stranger',
    caller: KEEPER,
    instructions: await wrapSolFor(STRANGER),
  },
  {
    name: 'allow-close-to-owner',
    description: 'an empty token account is closed, and its lamports come back to its owner',
    caller: KEEPER,
    instructions: [getCloseAccountInstruction({ account: ours, destination: WALLET, owner: OURS })],
    chain: [[ours, tokenAccount({ mint: USDC, owner: WALLET, amount: 0n })]],
  },
];

async function wrapSolFor(owner: Address): Promise<readonly Instruction[]> {
  const account = await associated(owner, NATIVE_MINT);
  const create = await createAssociated(owner, NATIVE_MINT);
  return [create, paySol(account, 1_000_000n), getSyncNativeInstruction({ account })];
}
