import { type Address, address, getU64Encoder, type Instruction } from '@solana/kit';
import * as system from '@solana-program/system';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ED25519_PROGRAM } from '../../gateway/core/transaction/programs/program-ids.ts';
import { expectHonest, expectThwarted } from './attack.ts';
import { type AttackedGateway, allProgramsListed, COMPUTE_BUDGET, startAttackedGateway } from './attacked-gateway.ts';
import { legacy, v0, v1 } from './versions.ts';
import { SOL, signer } from './victim.ts';

const LIMIT = 'FEE_LIMIT_EXCEEDED';
const BASE = 5_000n;

let gateway: AttackedGateway;
let wallet: Address;

beforeAll(async () => {
  const verifying = { [ED25519_PROGRAM]: { instructions: ['*'] } };
  gateway = await startAttackedGateway((scene) => allProgramsListed(scene, verifying));
  ({ wallet } = gateway.scene);
});

afterAll(async () => {
  await gateway.stop();
});

describe('[9 fees] a fee that drains the payer is denied', () => {
  it.each<[string, () => Uint8Array, bigint]>([
    ['as a unit price times a unit limit', () => asLegacy([limit(1_400_000), price(10n ** 10n), tiny()]), 14n * SOL],
    ['of version 0', () => asV0([limit(1_400_000), price(10n ** 10n), tiny()]), 14n * SOL],
    [
      'of version 1, without any Compute Budget instruction',
      () => asV1([tiny()], { priorityFeeLamports: 20n * SOL }),
      20n * SOL,
    ],
    [
      'of version 1, whose Compute Budget instructions say something else',
      () => asV1([price(0n), limit(1), tiny()], { priorityFeeLamports: 20n * SOL }),
      20n * SOL,
    ],
    ['as a unit price with the limit left out', () => asLegacy([price(10n ** 9n), tiny()]), 6_000_000n],
    [
      'with the price behind the other instructions',
      () => asLegacy([tiny(), limit(1_400_000), price(10n ** 10n)]),
      14n * SOL,
    ],
    [
      'with trailing data behind the price',
      () => asLegacy([limit(1_400_000), trailing(price(10n ** 10n)), tiny()]),
      14n * SOL,
    ],
    [
      'with a limit above what there can be',
      () => asLegacy([limit(4_000_000_000), price(10n ** 10n), tiny()]),
      14n * SOL,
    ],
    ['that only just does not fit', () => asLegacy([limit(1_000_000), price(95_001n), tiny()]), 95_001n],
  ])('%s', async (_name, wire, priority) => {
    await expectThwarted(gateway, wire(), [LIMIT], async (fork) => {
      const before = (await gateway.account(wallet))?.lamports ?? 0n;
      expect(before - (await fork.lamports(wallet))).toBe(BASE + priority + 1n);
    });
  });

  it('for signatures that a precompile is asked to verify, paid also when the transaction fails', async () => {
    const wire = asLegacy([verifying(60), tiny()]);
    expect(await gateway.verdictOnBytes(wire)).toEqual([LIMIT]);
    const fork = gateway.fork();
    const before = await fork.lamports(wallet);
    // The signatures are not there, so that nothing of it is done; the fee is kept.
    expect(await fork.land(wire)).not.toBeNull();
    expect(before - (await fork.lamports(wallet))).toBe(BASE * 61n);
  });

  it('for signatures that a precompile is asked to verify without being told which', async () => {
    const wire = asLegacy([{ programAddress: ED25519_PROGRAM, data: Uint8Array.of(255) }, tiny()]);
    expect(await gateway.verdictOnBytes(wire)).toContain(LIMIT);
    const fork = gateway.fork();
    const before = await fork.lamports(wallet);
    expect(await fork.land(wire)).not.toBeNull();
    expect(before - (await fork.lamports(wallet))).toBe(BASE * 256n);
  });

  // The payer must have it, so that these wait for a wallet that is rich enough.
  it.each<[string, () => Uint8Array]>([
    ['a price at the top of a u64', () => asLegacy([limit(1_400_000), price(2n ** 64n - 1n), tiny()])],
    ['a fee of version 1 at the top of a u64', () => asV1([tiny()], { priorityFeeLamports: 2n ** 64n - 1n })],
    ['the higher of two prices, last', () => asLegacy([price(0n), limit(1_400_000), price(100_000n), tiny()])],
    ['the higher of two prices, first', () => asLegacy([price(100_000n), limit(1_400_000), tiny()])],
  ])('%s', async (_name, wire) => {
    expect(await gateway.verdictOnBytes(wire())).toEqual([LIMIT]);
  });

  it('twin: within the limit it is allowed', async () => {
    await expectHonest(gateway, asLegacy([limit(1_000), price(1_000n), tiny()]));
    await expectHonest(gateway, asLegacy([limit(1_000_000), price(95_000n), tiny()]));
    await expectHonest(gateway, asV1([tiny()], { priorityFeeLamports: 95_000n }));
    expect(await gateway.verdictOnBytes(asLegacy([verifying(10), tiny()]))).toEqual(['allowed']);
  });
});

function asLegacy(instructions: readonly Instruction[]): Uint8Array {
  return legacy({ feePayer: wallet, instructions });
}

function asV0(instructions: readonly Instruction[]): Uint8Array {
  return v0({ feePayer: wallet, instructions });
}

function asV1(instructions: readonly Instruction[], config: object): Uint8Array {
  return v1({ feePayer: wallet, instructions }, config);
}

function tiny(): Instruction {
  return system.getTransferSolInstruction({ source: signer(wallet), destination: gateway.scene.recipient, amount: 1n });
}

function price(microLamports: bigint): Instruction {
  return computeBudget([3, ...getU64Encoder().encode(microLamports)]);
}

function limit(units: number): Instruction {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt8(2);
  bytes.writeUInt32LE(units, 1);
  return computeBudget([...bytes]);
}

function computeBudget(data: readonly number[]): Instruction {
  return { programAddress: address(COMPUTE_BUDGET), data: Uint8Array.from(data) };
}

function trailing(instruction: Instruction): Instruction {
  return { ...instruction, data: Uint8Array.from([...(instruction.data ?? []), 1, 2]) };
}

/** So many signatures, none of which is there. */
function verifying(signatures: number): Instruction {
  return {
    programAddress: ED25519_PROGRAM,
    data: Uint8Array.from([signatures, 0, ...new Array(14 * signatures).fill(0)]),
  };
}
