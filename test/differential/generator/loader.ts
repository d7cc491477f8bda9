// Owns random instructions of the upgradeable loader.
import { AccountRole, createNoopSigner, type Instruction } from '@solana/kit';
import * as loader from '@solana-program/loader-v3';
import { getCreateAccountInstruction } from '@solana-program/system';
import { rentExemption } from '../../../gateway/core/effects/rent.ts';
import { LOADER_V3_PROGRAM, SYSTEM_PROGRAM } from '../../../gateway/core/transaction/programs/program-ids.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { BUFFER_HEADER, type BufferPlan, PROGRAM_SIZE } from '../world/programs.ts';
import type { World } from '../world.ts';
import { anyDestination, anyParty, anySigner, newAccount, type Step } from './plan.ts';

export function drawLoader(random: SeededRandom, world: World): Step {
  const { programs, buffers } = world.programs;
  const buffer = random.pick(buffers);
  switch (random.below(9)) {
    case 0:
      return newBuffer(random, world);
    case 1:
      return [write(random, buffer)];
    case 2:
    case 3:
      return [handOver(random, world, buffer)];
    case 4:
      return [closeBuffer(random, world, buffer)];
    case 5:
      return deploy(random, world, buffer);
    case 6: {
      const program = random.pick(programs.filter(({ authority }) => authority === buffer.authority));
      return [
        loader.getUpgradeInstruction({
          programDataAccount: program.data,
          programAccount: program.address,
          bufferAccount: buffer.address,
          spillAccount: anyDestination(random, world),
          authority: createNoopSigner(buffer.authority),
        }),
      ];
    }
    case 7: {
      const { address: programAccount, data: programDataAccount } = random.pick(programs);
      const additionalBytes = random.pick([10_240, 20_000]);
      const payer = anySigner(random, world);
      const accounts = { programDataAccount, programAccount, payer, systemProgram: SYSTEM_PROGRAM };
      return [loader.getExtendProgramInstruction({ ...accounts, additionalBytes })];
    }
    default:
      return [closeProgram(random, world)];
  }
}

function newBuffer(random: SeededRandom, world: World): Step {
  const space = BigInt(BUFFER_HEADER) + random.pick([0n, 100n]);
  const { address, create } = newAccount(random, world, LOADER_V3_PROGRAM, space);
  const bufferAuthority = anyParty(random, world);
  return [create, loader.getInitializeBufferInstruction({ sourceAccount: address, bufferAuthority })];
}

function write(random: SeededRandom, { address, authority }: BufferPlan): Instruction {
  const bufferAuthority = createNoopSigner(authority);
  const [offset, bytes] = [random.below(50), random.bytes(20)];
  return loader.getWriteInstruction({ bufferAccount: address, bufferAuthority, offset, bytes });
}

function handOver(random: SeededRandom, world: World, buffer: BufferPlan): Instruction {
  const program = random.pick(world.programs.programs.filter(({ authority }) => authority !== null));
  const ofProgram = random.chance(50);
  const account = ofProgram ? program.data : buffer.address;
  const currentAuthority = createNoopSigner((ofProgram ? program.authority : buffer.authority) ?? world.wallet);
  const newAuthority = createNoopSigner(anyParty(random, world));
  const accounts = { bufferOrProgramDataAccount: account, currentAuthority };
  if (random.chance(40)) return loader.getSetAuthorityCheckedInstruction({ ...accounts, newAuthority });
  const given = loader.getSetAuthorityInstruction({ ...accounts, newAuthority: newAuthority.address });
  // For none, the published client puts the loader in its place, which the runtime then makes the authority.
  return ofProgram && random.chance(40) ? { ...given, accounts: given.accounts.slice(0, 2) } : given;
}

function closeBuffer(random: SeededRandom, world: World, buffer: BufferPlan): Instruction {
  return loader.getCloseInstruction({
    bufferOrProgramDataAccount: buffer.address,
    destinationAccount: anyDestination(random, world),
    authority: createNoopSigner(buffer.authority),
  });
}

function closeProgram(random: SeededRandom, world: World): Instruction {
  const { address, data, authority } = random.pick(world.programs.programs);
  const close = loader.getCloseInstruction({
    ...{ bufferOrProgramDataAccount: data, destinationAccount: anyDestination(random, world), programAccount: address },
    authority: createNoopSigner(authority ?? world.wallet),
  });
  // The published client marks the program readonly; the runtime wants to write to it.
  const accounts = close.accounts.map((account, i) => (i === 3 ? { ...account, role: AccountRole.WRITABLE } : account));
  return { ...close, accounts };
}

function deploy(random: SeededRandom, world: World, buffer: BufferPlan): Step {
  const { address, data } = random.pick(world.programs.future);
  const payer = anySigner(random, world);
  const create = getCreateAccountInstruction({
    ...{ payer, newAccount: createNoopSigner(address), programAddress: LOADER_V3_PROGRAM },
    ...{ lamports: rentExemption(BigInt(PROGRAM_SIZE)), space: BigInt(PROGRAM_SIZE) },
  });
  const deployed = loader.getDeployWithMaxDataLenInstruction({
    ...{ payerAccount: payer, programDataAccount: data, programAccount: address, bufferAccount: buffer.address },
    ...{ authority: createNoopSigner(buffer.authority), maxDataLen: world.programs.elf.length + 100 },
  });
  return [create, deployed];
}
