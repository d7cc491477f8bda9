import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, getU64Encoder, type Instruction } from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import * as token from '@solana-program/token';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMPUTE_BUDGET_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { keyAddress } from '../../gateway/core/transaction/testing/wire-builder.ts';
import { SigningService } from '../../proto/gen/countersign/v1/signing_pb.ts';
import { tokenAccount, wireTransaction } from '../../tour/transactions.ts';
import { cpiProxy } from '../programs/cpi-proxy.ts';
import { through } from '../programs/through.ts';
import { expectHonest, expectThwarted } from './attack.ts';
import {
  type AttackedGateway,
  allProgramsListed,
  type Rules,
  type Scene,
  startAttackedGateway,
} from './attacked-gateway.ts';
import { issuing, mintsToCome, send } from './issue.ts';
import { tableAccount } from './kept-accounts.ts';
import { ROUTER, ROUTER_IDL, swapData } from './router.ts';
import { legacy, v0 } from './versions.ts';
import { mintOf, signer, tokensOf } from './victim.ts';

const SIMULATED = keyAddress(250);
const HUGE = keyAddress(252);
const [OWN_HUGE, FRIENDS_HUGE] = [keyAddress(253), keyAddress(254)];
/** Somebody who may be approved to take tokens, up to a sum. */
const DELEGATE = keyAddress(255);
const SECOND_ACCOUNT = keyAddress(256);
const [TABLE, SECOND_TABLE] = [keyAddress(257), keyAddress(258)];
const FINE = keyAddress(259);
const [OWN_FINE, FRIENDS_FINE] = [keyAddress(260), keyAddress(261)];

const LIMITED = 'SPENDING_LIMIT_EXCEEDED';
const RECIPIENT = 'RECIPIENT_NOT_ALLOWED';
const MISSING = 'FACT_MISSING';
const SAFE = 2n ** 53n;
const ALL = 2n ** 64n - 1n;
const [PLAIN_2022] = mintsToCome(1);

let gateway: AttackedGateway;
let idls: string;
let wallet: Address;
let friend: Address;
let stranger: Address;
let mint: Address;
let own: Address;
let friends: Address;
let strangers: Address;

beforeAll(async () => {
  idls = await mkdtemp(join(tmpdir(), 'countersign-idls-'));
  await writeFile(join(idls, `${ROUTER}.json`), JSON.stringify(ROUTER_IDL));
  gateway = await startAttackedGateway(rules, new Map([[SIMULATED, cpiProxy()]]), { idls });
  wallet = gateway.scene.wallet;
  friend = gateway.scene.recipient;
  mint = gateway.scene.mint;
  stranger = gateway.attacker.address;
  own = await tokenAccount(wallet, mint);
  friends = await tokenAccount(friend, mint);
  strangers = await tokenAccount(stranger, mint);
  await gateway.put(strangers, tokensOf({ mint, owner: stranger, amount: 0n }));
  await gateway.put(SECOND_ACCOUNT, tokensOf({ mint, owner: wallet, amount: 5_000n }));
  for (const [asset, of, to, decimals] of [
    [HUGE, OWN_HUGE, FRIENDS_HUGE, 6],
    [FINE, OWN_FINE, FRIENDS_FINE, 255],
  ] as const) {
    await gateway.put(asset, mintOf({ supply: ALL, decimals }));
    await gateway.put(of, tokensOf({ mint: asset, owner: wallet, amount: ALL }));
    await gateway.put(to, tokensOf({ mint: asset, owner: friend, amount: 0n }));
  }
});

afterAll(async () => {
  await gateway.stop();
  await rm(idls, { recursive: true });
});

function rules(scene: Scene): Rules {
  const careful = allProgramsListed(
    scene,
    {
      [SIMULATED]: { instructions: ['unknown'], unknown_effects: 'simulated_but_not_guaranteed' },
      [ROUTER]: { instructions: ['swap'] },
    },
    {
      delegates: { [DELEGATE]: { [scene.mint]: 1_000n } },
      supply_changes: { burn: { [scene.mint]: 1_000n } },
    },
  );
  const limits = { SOL: 1_000_000n, [scene.mint]: 1_000n, [HUGE]: SAFE, [FINE]: 1_000n, [String(PLAIN_2022)]: 1_000n };
  return { ...careful, spending_limit: { per_transaction: limits } };
}

describe('[12 numbers] an amount', () => {
  it('of whole tokens where base units were meant is 52 million times too much', async () => {
    const attempt = [transfer({ amount: 4_000_000n })];
    await expectThwarted(gateway, attempt, [LIMITED], async (fork) => {
      expect(await fork.tokens(friends)).toBeGreaterThanOrEqual(4_000_000n);
    });
  });

  it('one above 2^53 is above a limit of 2^53', async () => {
    const attempt = [huge(SAFE + 1n)];
    await expectThwarted(gateway, attempt, [LIMITED], async (fork) => {
      expect(await fork.tokens(FRIENDS_HUGE)).toBe(SAFE + 1n);
    });
    await expectHonest(gateway, [huge(SAFE)]);
  });

  it('of all that a u64 holds, sent there, back and once more, does not begin again at zero', async () => {
    const back = huge(ALL, { source: FRIENDS_HUGE, destination: OWN_HUGE, authority: friend });
    await expectThwarted(gateway, [huge(ALL), back, huge(1n)], [LIMITED], async (fork) => {
      expect(await fork.tokens(FRIENDS_HUGE)).toBe(1n);
    });
    await expectThwarted(gateway, [huge(ALL), back, huge(SAFE)], [LIMITED], async (fork) => {
      expect(await fork.tokens(FRIENDS_HUGE)).toBe(SAFE);
    });
  });

  it('of a mint with 255 decimals is no fraction: base units count', async () => {
    const attempt = (amount: bigint) => [
      transfer({ mint: FINE, decimals: 255, source: OWN_FINE, destination: FRIENDS_FINE, amount }),
    ];
    await expectThwarted(gateway, attempt(1_001n), [LIMITED], async (fork) => {
      expect(await fork.tokens(FRIENDS_FINE)).toBe(1_001n);
    });
    await expectHonest(gateway, attempt(1_000n));
  });

  it('said with other decimals than those of its mint is not believed', async () => {
    const at = await issuing(gateway)();
    const said = { mint: at.mint, source: at.own, destination: at.friends, amount: 1n };
    for (const decimals of [0, 9, 20, 255]) {
      const attempt = [{ ...transfer({ ...said, decimals }), programAddress: send(at).programAddress }];
      expect(await gateway.verdictOn(attempt)).toEqual([MISSING]);
      // The chain refuses it as well: nothing is lost, but what an approver would read is wrong.
      expect(await gateway.fork().land(wireTransaction(wallet, attempt))).not.toBeNull();
    }
    await expectHonest(gateway, [send(at)]);
  });

  it('of a fee that is a millionth of a lamport above the limit is above it', async () => {
    // 1,000 units at 95 lamports each, and at a millionth more.
    const fee = (microLamports: bigint) => [units(1_000), price(microLamports), sol(friend, 1n)];
    const attempt = legacy({ feePayer: wallet, instructions: fee(95_000_001n) });
    await expectThwarted(gateway, attempt, ['FEE_LIMIT_EXCEEDED'], async (fork) => {
      expect(await fork.lamports(wallet)).toBeLessThan((await gateway.account(wallet))?.lamports ?? 0n);
    });
    await expectHonest(gateway, legacy({ feePayer: wallet, instructions: fee(95_000_000n) }));
  });

  it('in an argument of 256 bits, negative or with a fraction stands exactly in what is judged', async () => {
    const swap = { programAddress: ROUTER, data: swapData() };
    const ask = { wallet: 'treasury', transaction: wireTransaction(wallet, [swap]), setFreshBlockhash: true };
    const { policyInput } = await gateway.agent.unary(SigningService.method.evaluateTransaction, ask);
    const [u128, u256] = [2n ** 128n - 1n, 2n ** 256n - 1n];
    expect(Buffer.from(policyInput).toString()).toContain(
      `"arguments":{"amount_in":${u128},"change":-1,"least_out":${u256},"share":"1e+21"}`,
    );
    expect(Buffer.from(policyInput).toString()).toContain('"texts":{"words":"5"}');
    expect(await gateway.verdictOn([swap])).toContain('EFFECTS_UNKNOWN');
  });

  it('twin: within its limit is allowed', async () => {
    await expectHonest(gateway, [transfer({ amount: 1_000n }), sol(friend, 1_000_000n)]);
  });
});

describe('[13 first match] after a good one', () => {
  it('a second transfer goes to a stranger', async () => {
    await expectThwarted(gateway, [sol(friend, 1n), sol(stranger, 1n)], [RECIPIENT], async (fork) => {
      const before = (await gateway.account(stranger))?.lamports ?? 0n;
      expect(await fork.lamports(stranger)).toBe(before + 1n);
    });
  });

  it('a second part of a batch goes to a stranger', async () => {
    const part = { source: own, authority: signer(wallet), amount: 1n };
    const batch = token.getBatchInstruction([
      token.getTransferInstruction({ ...part, destination: friends }),
      token.getTransferInstruction({ ...part, destination: strangers }),
    ]);
    const harm = async (fork: { tokens(of: Address): Promise<bigint> }) =>
      expect(await fork.tokens(strangers)).toBe(1n);
    await expectThwarted(gateway, [batch], [RECIPIENT], harm);
    // Within a program nobody reads the mint of an unchecked transfer.
    await expectThwarted(gateway, [through(SIMULATED, batch)], [RECIPIENT, MISSING], harm);
  });

  it('a second call of a program goes to a stranger', async () => {
    const attempt = [through(SIMULATED, sol(friend, 1n)), through(SIMULATED, sol(stranger, 1n))];
    await expectThwarted(gateway, attempt, [RECIPIENT], async (fork) => {
      const before = (await gateway.account(stranger))?.lamports ?? 0n;
      expect(await fork.lamports(stranger)).toBe(before + 1n);
    });
  });

  it('a second approval of the same delegate adds to the first', async () => {
    const approve = (source: Address, amount: bigint) =>
      token.getApproveInstruction({ source, delegate: DELEGATE, owner: signer(wallet), amount });
    const attempt = [approve(own, 1_000n), approve(SECOND_ACCOUNT, 1_000n)];
    await expectThwarted(gateway, attempt, ['DELEGATE_NOT_ALLOWED'], async (fork) => {
      for (const source of [own, SECOND_ACCOUNT]) {
        const taking = transfer({ source, destination: strangers, authority: DELEGATE, amount: 1_000n });
        await fork.act(stranger, [taking]);
      }
      expect(await fork.tokens(strangers)).toBe(2_000n);
    });
    await expectHonest(gateway, [approve(own, 500n), approve(SECOND_ACCOUNT, 500n)]);
  });

  it('a second burn adds to the first', async () => {
    const burn = (amount: bigint) =>
      token.getBurnInstruction({ account: own, mint, authority: signer(wallet), amount });
    await expectThwarted(gateway, [burn(600n), burn(600n)], ['SUPPLY_CHANGE_NOT_ALLOWED', LIMITED], async (fork) => {
      expect(await fork.tokens(own)).toBe(((await gateway.account(own))?.data.readBigUInt64LE(64) ?? 0n) - 1_200n);
    });
  });

  it('a second lookup table holds a stranger', async () => {
    await gateway.put(TABLE, tableAccount(stranger, [friend]));
    await gateway.put(SECOND_TABLE, tableAccount(stranger, [stranger]));
    const wire = v0(
      { feePayer: wallet, instructions: [sol(friend, 1n), sol(stranger, 1n)] },
      { [TABLE]: [friend], [SECOND_TABLE]: [stranger] },
    );
    await expectThwarted(gateway, wire, [RECIPIENT], async (fork) => {
      const before = (await gateway.account(stranger))?.lamports ?? 0n;
      expect(await fork.lamports(stranger)).toBe(before + 1n);
    });
  });

  it('a second signature is wrong', async () => {
    const tip = getTransferSolInstruction({ source: signer(friend), destination: stranger, amount: 1n });
    const wire = wireTransaction(wallet, [sol(friend, 1n), tip]);
    // Count, the wallet's slot, then that of the friend.
    wire.fill(7, 1 + 64, 1 + 128);
    expect(await gateway.verdictOrFault(wire, false)).toEqual(['[SIGNATURE_INVALID]']);
    // Nothing is signed, and nobody could land it.
    const unsigned = wireTransaction(wallet, [sol(friend, 1n), tip]);
    expect(await gateway.verdictOrFault(unsigned)).toEqual([RECIPIENT]);
  });

  it('twin: other good ones are allowed', async () => {
    await expectHonest(gateway, [sol(friend, 1n), transfer({ amount: 1n }), through(SIMULATED, sol(friend, 1n))]);
  });
});

interface Payment {
  readonly amount: bigint;
  readonly source?: Address;
  readonly destination?: Address;
  readonly authority?: Address;
  readonly mint?: Address;
  readonly decimals?: number;
}

function transfer({ authority = wallet, ...payment }: Payment): Instruction {
  const ordinary = { mint, source: own, destination: friends, decimals: 6 };
  return token.getTransferCheckedInstruction({ ...ordinary, ...payment, authority: signer(authority) });
}

function huge(amount: bigint, other: Partial<Payment> = {}): Instruction {
  return transfer({ mint: HUGE, source: OWN_HUGE, destination: FRIENDS_HUGE, amount, ...other });
}

function sol(destination: Address, amount: bigint): Instruction {
  return getTransferSolInstruction({ source: signer(wallet), destination, amount });
}

function price(microLamports: bigint): Instruction {
  const data = Uint8Array.from([3, ...getU64Encoder().encode(microLamports)]);
  return { programAddress: COMPUTE_BUDGET_PROGRAM, data };
}

function units(count: number): Instruction {
  const data = Uint8Array.from([2, count & 0xff, count >> 8, 0, 0]);
  return { programAddress: COMPUTE_BUDGET_PROGRAM, data };
}
