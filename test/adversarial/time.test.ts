import { AccountRole, type Address, address, blockhash, getBase58Decoder, type Instruction } from '@solana/kit';
import * as system from '@solana-program/system';
import * as token from '@solana-program/token';
import * as token2022 from '@solana-program/token-2022';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOKEN_ACCOUNT_RENT } from '../../gateway/core/effects/rent.ts';
import { extendedAccount, extendedMint, transferHook } from '../../gateway/core/effects/testing/token-2022-state.ts';
import { SYSTEM_PROGRAM, TOKEN_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { wireTransaction } from '../../tour/transactions.ts';
import { cpiProxy } from '../programs/cpi-proxy.ts';
import { expectThwarted } from './attack.ts';
import { type AttackedGateway, allProgramsListed, startAttackedGateway, WRAPPED_SOL } from './attacked-gateway.ts';
import { nonceAccount, tableAccount } from './kept-accounts.ts';
import { legacy, v0, v1 } from './versions.ts';
import { OWN_PROGRAM, openVictim, signer, tokensOf, VICTIMS_NONCE, type Victim } from './victim.ts';

const DURABLE = 'DURABLE_NONCE_NOT_ALLOWED';
const OPERATION = 'OPERATION_NOT_ALLOWED';
const RECENT_BLOCKHASHES = address('SysvarRecentB1ockHashes11111111111111111111');
/** What every nonce account of these tests holds. */
const NONCE = blockhash(getBase58Decoder().decode(new Uint8Array(32).fill(7)));
/** Minutes after a transaction with a recent blockhash is dead. */
const LATER = 10_000;

const HOOKED = keyAddress(501);
const [OWN_HOOKED, FRIENDS_HOOKED] = [keyAddress(502), keyAddress(503)];
const TRAP = keyAddress(504);
const TABLE = keyAddress(505);
const HOOK = keyAddress(506);

let gateway: AttackedGateway;
let victim: Victim;
let nonces = 510;

beforeAll(async () => {
  const programs = new Map([OWN_PROGRAM, HOOK].map((program) => [program, cpiProxy()] as const));
  gateway = await startAttackedGateway((scene) => {
    const guard = {
      durable_nonces: { [VICTIMS_NONCE]: 'payroll' },
      operations: { [VICTIMS_NONCE]: ['nonce_advance'] },
    };
    const rules = allProgramsListed(scene, {}, guard);
    return {
      ...rules,
      spending_limit: { per_transaction: { SOL: 1_000_000n, [scene.mint]: 1_000n, [HOOKED]: 1_000n } },
    };
  }, programs);
  victim = await openVictim(gateway);
  const { wallet, friend, stranger, mint } = victim;
  const extensions = [{ __kind: 'TransferHookAccount', transferring: false }] as const;
  await gateway.put(HOOKED, extendedMint({ extensions: [transferHook(SYSTEM_PROGRAM, stranger)] }));
  await gateway.put(OWN_HOOKED, extendedAccount({ mint: HOOKED, owner: wallet, extensions }));
  await gateway.put(FRIENDS_HOOKED, extendedAccount({ mint: HOOKED, owner: friend, extensions }));
  await gateway.put(TRAP, tokensOf({ mint, owner: friend, amount: 0n, closeAuthority: stranger }));
});

afterAll(async () => {
  await gateway.stop();
});

describe('[10 time] what is judged changes before it lands', () => {
  it('a mint calls another program by then: denied where that program stands among the accounts', async () => {
    const { wallet, stranger } = victim;
    const wire = wireTransaction(wallet, [withAccount(sendHooked(), HOOK)]);
    expect(await gateway.verdictOnBytes(wire)).toEqual(['FACT_MISSING']);
    const fork = gateway.fork();
    expect(await fork.land(wire)).toBeNull();
    const update = token2022.getUpdateTransferHookInstruction({ mint: HOOKED, authority: stranger, programId: HOOK });
    const [mint] = update.accounts;
    await fork.act(stranger, [
      { ...update, accounts: [mint, { address: stranger, role: AccountRole.READONLY_SIGNER }] },
    ]);
    // The program of the stranger runs where none did.
    expect(await fork.land(wire)).toContain(`Program ${HOOK} invoke`);
  });

  it('a token account of who may be paid is another’s by then: denied where somebody else can close it', async () => {
    const { wallet, stranger, mint } = victim;
    const wire = wireTransaction(wallet, [sendTo(TRAP)]);
    expect(await gateway.verdictOnBytes(wire)).toEqual(['RECIPIENT_UNKNOWN', 'FACT_MISSING']);
    const fork = gateway.fork();
    await fork.act(stranger, [
      token.getCloseAccountInstruction({ account: TRAP, destination: stranger, owner: signer(stranger) }),
    ]);
    await fork.act(stranger, makeAccount(TRAP, mint));
    expect(await fork.land(wire)).toBeNull();
    const taken = { source: TRAP, destination: victim.strangers, authority: signer(stranger), amount: 500n };
    await fork.act(stranger, [token.getTransferInstruction(taken)]);
    expect(await fork.tokens(victim.strangers)).toBe(500n);
  });

  it('two signed transactions land in the other order, and the wallet fills what it closed', async () => {
    const { wallet, stranger } = victim;
    const native = address(WRAPPED_SOL);
    const pot = keyAddress(507);
    await gateway.put(pot, tokensOf({ mint: native, owner: wallet, amount: 0n }));
    const close = token.getCloseAccountInstruction({ account: pot, destination: wallet, owner: signer(wallet) });
    const fill = [
      system.getTransferSolInstruction({ source: signer(wallet), destination: pot, amount: 900_000_000n }),
      token.getSyncNativeInstruction({ account: pot }),
    ];
    expect(await gateway.verdictOn([close])).toEqual(['allowed']);
    const codes = ['SPENDING_LIMIT_EXCEEDED', 'RECIPIENT_NOT_ALLOWED'];
    expect((await gateway.verdictOn(fill)).toSorted()).toEqual(codes.toSorted());
    const fork = gateway.fork();
    await fork.act(wallet, [close]);
    await fork.act(stranger, makeAccount(pot, native));
    await fork.act(wallet, fill);
    const before = await fork.lamports(stranger);
    await fork.act(victim.friend, [
      token.getCloseAccountInstruction({ account: pot, destination: stranger, owner: signer(stranger) }),
    ]);
    expect((await fork.lamports(stranger)) - before).toBe(900_000_000n + TOKEN_ACCOUNT_RENT);
  });

  it('twin: what nobody else can change is allowed', async () => {
    expect(await gateway.verdictOn([sendHooked()])).toEqual(['allowed']);
    expect(await gateway.verdictOn([sendTo(victim.friends)])).toEqual(['allowed']);
    const { wallet, wrapped: ata } = victim;
    const native = address(WRAPPED_SOL);
    const fill = [
      token.getCreateAssociatedTokenIdempotentInstruction({ payer: signer(wallet), ata, owner: wallet, mint: native }),
      system.getTransferSolInstruction({ source: signer(wallet), destination: ata, amount: 50_000_000_000n }),
      token.getSyncNativeInstruction({ account: ata }),
    ];
    expect(await gateway.verdictOn(fill)).toEqual(['allowed']);
  });
});

// Last, because the blockhashes of the gateway are dead when so much time has passed at once.
describe('[10 time] a durable nonce makes a signature that never expires', () => {
  type Write = (instructions: readonly Instruction[]) => Uint8Array;
  const asLegacy: Write = (instructions) => legacy({ feePayer: victim.wallet, instructions, lifetime: NONCE });
  const asV0: Write = (instructions) => v0({ feePayer: victim.wallet, instructions, lifetime: NONCE });
  const asV1: Write = (instructions) => v1({ feePayer: victim.wallet, instructions, lifetime: NONCE });

  it.each<[string, Write, (advance: Instruction) => Instruction]>([
    ['in its usual form', asV0, (advance) => advance],
    ['in a legacy transaction', asLegacy, (advance) => advance],
    ['in a transaction of version 1', asV1, (advance) => advance],
    ['with a trailing byte', asV0, (advance) => withData(advance, [0])],
    ['with forty trailing bytes', asV0, (advance) => withData(advance, new Array<number>(40).fill(7))],
    ['with an account too many', asV0, (advance) => withAccount(advance, victim.stranger)],
    [
      'in version 1, with bytes and an account too many',
      asV1,
      (a) => withAccount(withData(a, [1, 2]), victim.stranger),
    ],
  ])('and is seen and denied %s', async (_name, write, disguise) => {
    const nonce = await freshNonce();
    const wire = write([disguise(advanceOf(nonce)), payment()]);
    expect(await gateway.verdictOnBytes(wire, false)).toEqual([DURABLE, OPERATION]);
    await expectLandsLater(wire);
  });

  it('and is seen where its accounts are too few to be read', async () => {
    const nonce = await freshNonce();
    const { accounts = [], ...advance } = advanceOf(nonce);
    const wire = asV0([{ ...advance, accounts: accounts.slice(0, 1) }, payment()]);
    // The runtime fails it, and keeps the fee: nothing lands that could do more.
    expect(await gateway.verdictOnBytes(wire, false)).toEqual([
      'INSTRUCTION_UNKNOWN',
      DURABLE,
      'FACT_MISSING',
      'SIMULATION_FAILED',
    ]);
  });

  it('and is used up only where that is named: from a lookup table, which makes no durable nonce, or behind another instruction', async () => {
    const nonce = await freshNonce();
    const stored = async (account: (at: Address) => Promise<{ readonly data: Uint8Array } | null>) =>
      Buffer.from((await account(nonce))?.data ?? []).subarray(40, 72);
    await gateway.put(TABLE, tableAccount(victim.stranger, [nonce]));
    const { wallet } = victim;
    const hidden = v0({ feePayer: wallet, instructions: [advanceOf(nonce), payment()] }, { [TABLE]: [nonce] });
    for (const attempt of [hidden, [payment(), advanceOf(nonce)]]) {
      await expectThwarted(gateway, attempt, [OPERATION], async (fork) => {
        expect(await stored(fork.account)).not.toEqual(await stored(gateway.account));
      });
    }
  });

  it('and cannot be given a fresh blockhash', async () => {
    const wire = asV0([advanceOf(await freshNonce()), payment()]);
    expect(await gateway.verdictOrFault(wire)).toEqual(['[BLOCKHASH_NOT_REPLACEABLE]']);
  });

  it('twin: one that the policy names is allowed, and a payment with a recent blockhash is dead later', async () => {
    const named = asV0([advanceOf(VICTIMS_NONCE), payment()]);
    expect(await gateway.verdictOnBytes(named, false)).toEqual(['allowed']);
    const signed = await gateway.signed([payment()]);
    await gateway.advance(LATER);
    expect(await gateway.submit(signed)).toMatch(/BlockhashNotFound|Blockhash not found/);
  });
});

async function freshNonce(): Promise<Address> {
  nonces += 1;
  await gateway.put(keyAddress(nonces), nonceAccount(victim.wallet, 0n));
  return keyAddress(nonces);
}

function advanceOf(nonce: Address): Instruction {
  return system.getAdvanceNonceAccountInstruction(
    { nonceAccount: nonce, nonceAuthority: signer(victim.wallet), recentBlockhashesSysvar: RECENT_BLOCKHASHES },
    { programAddress: SYSTEM_PROGRAM },
  );
}

function withData(instruction: Instruction, more: readonly number[]): Instruction {
  return { ...instruction, data: Uint8Array.from([...(instruction.data ?? []), ...more]) };
}

function withAccount(instruction: Instruction, more: Address): Instruction {
  return { ...instruction, accounts: [...(instruction.accounts ?? []), { address: more, role: AccountRole.READONLY }] };
}

function payment(): Instruction {
  return system.getTransferSolInstruction({ source: signer(victim.wallet), destination: victim.friend, amount: 1n });
}

function sendHooked(): Instruction {
  return token2022.getTransferCheckedInstruction({
    source: OWN_HOOKED,
    mint: HOOKED,
    destination: FRIENDS_HOOKED,
    authority: signer(victim.wallet),
    amount: 5n,
    decimals: 6,
  });
}

function sendTo(destination: Address): Instruction {
  const { own, mint, wallet } = victim;
  const transfer = { source: own, mint, destination, authority: signer(wallet), amount: 500n, decimals: 6 };
  return token.getTransferCheckedInstruction(transfer);
}

/** Of the stranger, at an address whose key the stranger has. */
function makeAccount(account: Address, mint: Address): Instruction[] {
  const { stranger } = victim;
  const place = { payer: signer(stranger), newAccount: signer(account), programAddress: TOKEN_PROGRAM };
  return [
    system.getCreateAccountInstruction({ ...place, lamports: TOKEN_ACCOUNT_RENT, space: 165n }),
    token.getInitializeAccount3Instruction({ account, mint, owner: stranger }),
  ];
}

/** The wallet signs it now; long afterwards it lands. */
async function expectLandsLater(wire: Uint8Array): Promise<void> {
  const signed = await gateway.signAnyway(wire);
  await gateway.advance(LATER);
  const before = (await gateway.account(victim.friend))?.lamports ?? 0n;
  expect(await gateway.submit(signed)).toBeNull();
  expect(((await gateway.account(victim.friend))?.lamports ?? 0n) - before).toBe(1n);
}
