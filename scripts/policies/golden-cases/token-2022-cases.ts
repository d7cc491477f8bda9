// Owns the golden cases of Token-2022: fees that a mint keeps, hooks that it calls, extensions that nobody knows.
import type { Instruction } from '@solana/kit';
import { getTransferCheckedInstruction, getTransferCheckedWithFeeInstruction } from '@solana-program/token-2022';
import { READONLY, rawInstruction, WRITABLE_SIGNER } from '../../../gateway/core/effects/testing/judge.ts';
import {
  extendedAccount,
  extendedMint,
  feeConfig,
  transferHook,
} from '../../../gateway/core/effects/testing/token-2022-state.ts';
import { TOKEN_2022_PROGRAM } from '../../../gateway/core/transaction/programs/program-ids.ts';
import type { GoldenPlan } from './plan.ts';
import { associated, KEEPER, named, OURS, PAYROLL, SOL, systemAccount, USD, WALLET } from './scene.ts';
import { called, ran } from './simulated-run.ts';

/** Of policies/data/keeper.json: a mint that keeps two percent, one that calls a program, and that program. */
const FEE_MINT = named('fee mint');
const HOOKED_MINT = named('hooked mint');
const HOOK = named('hook');
const HOOK_ACCOUNTS = named('hook accounts');

const accountsOf = async (mint: typeof FEE_MINT) => ({
  source: await associated(WALLET, mint, TOKEN_2022_PROGRAM),
  destination: await associated(PAYROLL, mint, TOKEN_2022_PROGRAM),
});
const [fee, hooked] = await Promise.all([accountsOf(FEE_MINT), accountsOf(HOOKED_MINT)]);

const feeAccount = (mint: typeof FEE_MINT, owner: typeof WALLET) =>
  extendedAccount({
    mint,
    owner,
    amount: 10_000n * USD,
    extensions: [{ __kind: 'ImmutableOwner' }, { __kind: 'TransferFeeAmount', withheldAmount: 0n }],
  });
const hookedAccount = (owner: typeof WALLET) =>
  extendedAccount({
    mint: HOOKED_MINT,
    owner,
    amount: 10_000n * USD,
    extensions: [{ __kind: 'ImmutableOwner' }, { __kind: 'TransferHookAccount', transferring: false }],
  });

const FEE_CHAIN = [
  [FEE_MINT, extendedMint({ extensions: [feeConfig({ basisPoints: 200, maximum: 5n * USD })] })],
  [fee.source, feeAccount(FEE_MINT, WALLET)],
  [fee.destination, feeAccount(FEE_MINT, PAYROLL)],
] as const;
const HOOKED_CHAIN = [
  [WALLET, systemAccount(100n * SOL)],
  [HOOKED_MINT, extendedMint({ extensions: [transferHook(HOOK)] })],
  [hooked.source, hookedAccount(WALLET)],
  [hooked.destination, hookedAccount(PAYROLL)],
] as const;

const ofFeeMint = { ...fee, mint: FEE_MINT, authority: OURS, decimals: 6 } as const;
const feeTransfer = (amount: bigint) => getTransferCheckedInstruction({ ...ofFeeMint, amount });

const HOOK_ROLES = [
  { address: HOOK_ACCOUNTS, role: READONLY },
  { address: HOOK, role: READONLY },
];
const hookedTransfer = (amount: bigint, further = HOOK_ROLES): Instruction => {
  const plain = getTransferCheckedInstruction({ ...hooked, mint: HOOKED_MINT, authority: OURS, decimals: 6, amount });
  return { ...plain, accounts: [...plain.accounts, ...further] };
};
/** What the token program calls: source, mint, destination, owner, and what the hook asked for. */
const hookCall = rawInstruction(
  HOOK,
  [hooked.source, HOOKED_MINT, hooked.destination, WALLET, HOOK_ACCOUNTS].map((account) => [account, READONLY]),
  [105, 37, 101, 197, 75, 251, 102, 26, 64, 66, 15, 0, 0, 0, 0, 0],
);

const hookedPayment = { caller: KEEPER, instructions: [hookedTransfer(USD)], chain: HOOKED_CHAIN } as const;

export const TOKEN_2022_CASES: readonly GoldenPlan[] = [
  {
    name: 'allow-token-2022-transfer-with-fee',
    description: 'a mint that keeps two percent: what leaves counts, and what is kept stands beside it',
    caller: KEEPER,
    instructions: [feeTransfer(50n * USD)],
    chain: FEE_CHAIN,
  },
  {
    name: 'allow-token-2022-transfer-with-stated-fee',
    description: 'the same with the fee stated, without which the chain refuses it',
    caller: KEEPER,
    instructions: [getTransferCheckedWithFeeInstruction({ ...ofFeeMint, amount: 50n * USD, fee: USD })],
    chain: FEE_CHAIN,
  },
  {
    name: 'deny-token-2022-above-limit-with-its-fee',
    description: 'less than the limit arrives, and more than the limit leaves',
    caller: KEEPER,
    instructions: [feeTransfer(500n * USD + 1n)],
    chain: FEE_CHAIN,
  },
  {
    name: 'deny-token-2022-mint-that-cannot-be-read',
    description: 'a mint with an extension that nobody knows',
    caller: KEEPER,
    instructions: [feeTransfer(USD)],
    chain: [[FEE_MINT, withUnknownExtension()], ...FEE_CHAIN.slice(1)],
  },
  {
    name: 'deny-transfer-hook-without-simulation',
    description: 'the mint calls a program with every transfer: what that does is not in the message',
    ...hookedPayment,
  },
  {
    name: 'allow-transfer-hook-simulated',
    description: 'the same where the data permits the program of the hook, and its simulation fits the other rules',
    ...hookedPayment,
    simulation: ran(HOOKED_CHAIN, { calls: [called(2, hookCall)] }),
  },
  {
    name: 'deny-transfer-hook-that-gets-the-wallet',
    description: 'the wallet stands among the further accounts, where its signature is passed on to the hook',
    ...hookedPayment,
    instructions: [hookedTransfer(USD, [...HOOK_ROLES, { address: WALLET, role: WRITABLE_SIGNER }])],
    simulation: ran(HOOKED_CHAIN, { calls: [called(2, hookCall)] }),
  },
  {
    name: 'deny-transfer-hook-of-another-agent',
    description: 'the same simulation for an agent whose data names neither mint nor hook',
    ...hookedPayment,
    caller: ['trader', 'treasury'],
    simulation: ran(HOOKED_CHAIN, { calls: [called(2, hookCall)] }),
  },
];

/** The mint with the number of its first extension made one that does not exist. */
function withUnknownExtension() {
  const mint = extendedMint({ extensions: [feeConfig({ basisPoints: 200, maximum: 5n * USD })] });
  const data = Uint8Array.from(mint.data);
  data[166] = 250;
  return { ...mint, data };
}
