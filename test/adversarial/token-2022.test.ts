import { AccountRole, type Address, type Instruction } from '@solana/kit';
import * as token from '@solana-program/token-2022';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  extendedAccount,
  extendedMint,
  feeConfig,
  transferHook,
} from '../../gateway/core/effects/testing/token-2022-state.ts';
import { SYSTEM_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { wireTransaction } from '../../tour/transactions.ts';
import { cpiProxy } from '../programs/cpi-proxy.ts';
import { through } from '../programs/through.ts';
import { expectHonest, expectThwarted } from './attack.ts';
import { type AttackedGateway, allProgramsListed, startAttackedGateway } from './attacked-gateway.ts';
import { type Issue, type IssueTokens, issuing, mintsToCome, send } from './issue.ts';
import {
  ALL,
  HOOK,
  HOOKED,
  inEpoch,
  RIGHTS_ABUSED,
  setHook,
  takeFees,
  WITHHELD,
  withFee,
} from './token-2022-rights.ts';
import { signer } from './victim.ts';

const PROXY = keyAddress(281);
const LIMIT = 1_000n;
const LIMITED = 'SPENDING_LIMIT_EXCEEDED';
const OPERATION = 'OPERATION_NOT_ALLOWED';
const MISSING = 'FACT_MISSING';

let gateway: AttackedGateway;
let issue: IssueTokens;
let wallet: Address;
let stranger: Address;

beforeAll(async () => {
  gateway = await startAttackedGateway(
    (scene) => {
      const limits = Object.fromEntries(mintsToCome(60).map((mint) => [mint, LIMIT]));
      return { ...allProgramsListed(scene), spending_limit: { per_transaction: { SOL: 1_000_000n, ...limits } } };
    },
    new Map([HOOK, PROXY].map((program) => [program, cpiProxy()])),
  );
  issue = issuing(gateway);
  wallet = gateway.scene.wallet;
  stranger = gateway.attacker.address;
});

afterAll(async () => {
  await gateway.stop();
});

describe('[19 Token-2022] a transfer fee', () => {
  it('put on top, so that the recipient gets as much as the limit, counts', async () => {
    const at = await issue(withFee(2_000, stranger));
    await expectThwarted(gateway, [sendWithFee(at, 1_250n, 250n)], [LIMITED], async (fork) => {
      expect(await fork.tokens(at.own)).toBe(8_750n);
    });
  });

  it('of all that the wallet moves to itself counts as spent', async () => {
    const at = await issue(withFee(10_000, stranger));
    const move = [send(at, { destination: at.associated, amount: 9_000n })];
    await expectThwarted(gateway, move, [LIMITED], async (fork) => {
      expect(await fork.tokens(at.associated)).toBe(10_000n);
      await fork.act(stranger, [takeFees(at, at.associated, stranger)]);
      expect(await fork.tokens(at.strangers)).toBe(10_000n + 9_000n + WITHHELD);
    });
  });

  it('that is rounded up for each part of what could be moved at once counts so', async () => {
    const at = await issue(withFee(1_000, stranger));
    const thirds = Array.from({ length: 3 }, () => send(at, { destination: at.associated, amount: 3_333n }));
    await expectThwarted(gateway, thirds, [LIMITED], async (fork) => {
      expect(await fork.tokens(at.associated)).toBe(10_000n + 9_999n - 1_002n);
    });
    await expectHonest(gateway, [send(at, { destination: at.associated, amount: 9_999n })]);
  });

  it('that is asked only from a later epoch on counts already', async () => {
    const none = { basisPoints: 0, maximum: 0n };
    const newerTransferFee = { epoch: 1n, maximumFee: ALL, transferFeeBasisPoints: 10_000 };
    const later = { ...feeConfig(none, none, stranger), newerTransferFee } as token.ExtensionArgs;
    const at = await issue({ ...withFee(0, stranger), extensions: [later] });
    const move = [send(at, { destination: at.associated, amount: 9_000n })];
    await expectThwarted(gateway, move, [LIMITED], async (fork) => {
      expect(await fork.tokens(at.associated)).toBe(19_000n);
    });
    const fork = gateway.fork();
    await inEpoch(fork, 1n, () => fork.act(wallet, move));
    expect(await fork.tokens(at.associated)).toBe(10_000n);
  });

  it('twin: within the limit, fee and all, is allowed', async () => {
    const at = await issue(withFee(2_000, stranger));
    await expectHonest(gateway, [sendWithFee(at, LIMIT, 200n)]);
    await expectHonest(gateway, [send(at, { amount: LIMIT })]);
  });
});

describe('[19 Token-2022] a transfer hook', () => {
  it('that nobody named is denied: its program decides on every transfer', async () => {
    const at = await issue({ extensions: [transferHook(HOOK)], ofAccounts: HOOKED });
    const attempt = [withProgram(send(at), HOOK)];
    expect(await gateway.verdictOn(attempt)).toEqual([MISSING, 'SIMULATION_FAILED']);
    expect(await gateway.fork().land(wire(attempt))).toContain(`Program ${HOOK} invoke [2]`);
  });

  it('that is set after the judgement would run on what was judged without it', async () => {
    const at = await issue({ extensions: [transferHook(SYSTEM_PROGRAM, stranger)], ofAccounts: HOOKED });
    const attempt = [withProgram(send(at), HOOK)];
    await expectThwarted(gateway, attempt, [MISSING], async (fork) => {
      await fork.act(stranger, [setHook(at, stranger)]);
      expect(await fork.land(wire(attempt))).toContain(`Program ${HOOK} invoke [2]`);
    });
  });

  it('of a mint that the stranger can close and make anew is not ruled out either', async () => {
    const closable: token.ExtensionArgs = { __kind: 'MintCloseAuthority', closeAuthority: stranger };
    const at = await issue({ extensions: [closable], amount: 0n, supply: 0n });
    await expectThwarted(gateway, [withProgram(send(at, { amount: 0n }), HOOK)], [MISSING], async (fork) => {
      const closing = { account: at.mint, destination: stranger, owner: signer(stranger) };
      await fork.act(stranger, [token.getCloseAccountInstruction(closing)]);
      expect(await fork.account(at.mint)).toBeNull();
    });
  });

  it('twin: that is given up for good is none, and one that can be set cannot run where its program is not brought', async () => {
    const never = await issue({ extensions: [transferHook(SYSTEM_PROGRAM)], ofAccounts: HOOKED });
    await expectHonest(gateway, [withProgram(send(never), HOOK)]);
    const at = await issue({ extensions: [transferHook(SYSTEM_PROGRAM, stranger)], ofAccounts: HOOKED });
    await expectHonest(gateway, [send(at)]);
    const fork = gateway.fork();
    await fork.act(stranger, [setHook(at, stranger)]);
    expect(await fork.land(wire([send(at)]))).not.toContain(`Program ${HOOK} invoke [2]`);
  });
});

describe('[14 races] [19 Token-2022] a mint that is closed and made anew before the judged transfer lands', () => {
  const anew: readonly (readonly [string, token.ExtensionArgs[], number])[] = [
    ['with other decimals', [], 0],
    ['with a fee', [feeConfig({ basisPoints: 10_000, maximum: ALL })], 6],
    ['with a hook', [transferHook(HOOK)], 6],
  ];
  it.each(anew)('%s takes no more than was judged', async (_how, extensions, decimals) => {
    const closable: token.ExtensionArgs = { __kind: 'MintCloseAuthority', closeAuthority: stranger };
    const at = await issue({ extensions: [closable], amount: 0n, supply: 0n });
    const judged = [send(at, { amount: LIMIT })];
    const fork = gateway.fork();
    const closing = { account: at.mint, destination: stranger, owner: signer(stranger) };
    await fork.act(stranger, [token.getCloseAccountInstruction(closing)]);
    fork.put(at.mint, extendedMint({ extensions, decimals, supply: 50_000n }));
    fork.put(at.own, extendedAccount({ mint: at.mint, owner: wallet, amount: 50_000n }));
    await fork.land(wire(judged));
    expect(await gateway.verdictOn(judged)).toEqual(['allowed']);
    expect(await fork.tokens(at.own)).toBeGreaterThanOrEqual(50_000n - LIMIT);
  });
});

describe('[19 Token-2022] a right that an extension gives the wallet is not for', () => {
  it.each(RIGHTS_ABUSED.map((right) => [right.does, right] as const))('%s', async (_does, right) => {
    const at = await issue(right.plan(wallet));
    await expectThwarted(gateway, [right.instruction(at)], right.codes, (fork) => right.harm(fork, at));
  });

  it('twin: but to pay the friend within the limit, as permanent delegate too', async () => {
    const at = await issue({ extensions: [{ __kind: 'PermanentDelegate', delegate: wallet }] });
    await expectHonest(gateway, [send(at, { source: at.strangers, amount: LIMIT })]);
  });
});

describe('[19 Token-2022] a token account', () => {
  it('whose CPI guard is off is open to every program that the wallet signs for', async () => {
    const at = await issue({ ofAccounts: [{ __kind: 'CpiGuard', lockCpi: true }] });
    const theft = [through(PROXY, send(at, { destination: at.strangers, amount: 10_000n }))];
    expect(await gateway.fork().land(wire(theft))).not.toBeNull();
    const off = token.getDisableCpiGuardInstruction({ token: at.own, owner: signer(wallet) });
    await expectThwarted(gateway, [off], [OPERATION], async (fork) => {
      await fork.act(wallet, theft);
      expect(await fork.tokens(at.own)).toBe(0n);
    });
  });

  it('whose tokens are hidden shows no amount any more: hidden is spent', async () => {
    const at = await issue({ extensions: [HIDING_MINT], ofAccounts: [HIDING_ACCOUNT] });
    const { own, mint } = at;
    const hide = { token: own, mint, authority: signer(wallet), amount: 5_000n, decimals: 6 };
    const codes = [LIMITED, 'RECIPIENT_NOT_ALLOWED', OPERATION];
    // The local chain cannot add what is encrypted; token-2022-execution.test.ts hides tokens on a machine that can.
    expect((await gateway.verdictOn([token.getConfidentialDepositInstruction(hide)])).toSorted()).toEqual(
      codes.toSorted(),
    );
  });

  it('twin: behind its CPI guard pays the friend', async () => {
    const at = await issue({ ofAccounts: [{ __kind: 'CpiGuard', lockCpi: true }] });
    await expectHonest(gateway, [send(at)]);
  });
});

describe('[19 Token-2022] an extension that nobody knows yet', () => {
  it.each(['mint', 'own', 'friends'] as const)('in %s may change everything, and denies', async (where) => {
    const at = await issue(withFee(0, stranger));
    const account = await gateway.account(at[where]);
    if (account === null) throw new Error('it was just put there');
    const data = new Uint8Array([...account.data, ...UNKNOWN_EXTENSION]);
    await gateway.put(at[where], { ...account, lamports: account.lamports + 1_000_000n, data });
    expect(await gateway.verdictOn([send(at)])).toContain(MISSING);
  });

  it('twin: the same without it is allowed', async () => {
    await expectHonest(gateway, [send(await issue(withFee(0, stranger)))]);
  });
});

const NO_KEY = new Uint8Array(64);

const HIDING_MINT: token.ExtensionArgs = {
  __kind: 'ConfidentialTransferMint',
  authority: null,
  autoApproveNewAccounts: true,
  auditorElgamalPubkey: null,
};

const HIDING_ACCOUNT: token.ExtensionArgs = {
  __kind: 'ConfidentialTransferAccount',
  approved: true,
  elgamalPubkey: keyAddress(1),
  pendingBalanceLow: NO_KEY,
  pendingBalanceHigh: NO_KEY,
  availableBalance: NO_KEY,
  decryptableAvailableBalance: NO_KEY.subarray(0, 36),
  allowConfidentialCredits: true,
  allowNonConfidentialCredits: true,
  pendingBalanceCreditCounter: 0n,
  maximumPendingBalanceCreditCounter: 65_536n,
  expectedPendingBalanceCreditCounter: 0n,
  actualPendingBalanceCreditCounter: 0n,
};

/** Number 999, four bytes. */
const UNKNOWN_EXTENSION = [0xe7, 0x03, 4, 0, 1, 2, 3, 4];

function sendWithFee({ own, mint, friends }: Issue, amount: bigint, fee: bigint): Instruction {
  const stated = { source: own, mint, destination: friends, amount, decimals: 6, fee };
  return token.getTransferCheckedWithFeeInstruction({ ...stated, authority: signer(wallet) });
}

function withProgram(instruction: Instruction, program: Address): Instruction {
  const further = { address: program, role: AccountRole.READONLY };
  return { ...instruction, accounts: [...(instruction.accounts ?? []), further] };
}

function wire(instructions: readonly Instruction[]): Uint8Array {
  return wireTransaction(wallet, instructions);
}
