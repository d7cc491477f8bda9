// Owns a program for tests that passes its call on: to the program that stands first among its accounts, with the accounts behind it
// and their signatures, and its own data. No gateway can know what it does from the message alone.

import { SbpfAssembler } from './sbpf-assembler.ts';
import { elfOf } from './sbpf-elf.ts';

export interface CpiProxyOptions {
  /**
   * With a gate, the second account decides: as long as it has no data the program does nothing, and nothing shows in a simulation.
   * Whoever can write to the gate decides later.
   */
  readonly gated?: boolean;
}

/** The heap of a program; it is zeroed. */
const HEAP = 0x3_0000_0000n;
/** SolAccountMeta of each account: address of the key, is writable, is signer. */
const META_BYTES = 16;
/** SolAccountInfo of each account: key, lamports, data length, data, owner, rent epoch, and three flags. */
const INFO_BYTES = 56;
const INFOS_OFFSET = 0x1000;
const INSTRUCTION_OFFSET = 0x6000;
/** Bytes behind the data of each account by which it may grow. */
const GROWTH_BYTES = 10_240;
const NO_DUPLICATE = 0xff;

const [r0, r1, r2, r3, r4, r5, r6, r7, r8, r9] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

/** The ELF file of the program. */
export function cpiProxy({ gated = false }: CpiProxyOptions = {}): Uint8Array {
  const program = new SbpfAssembler();
  // r6: where we read; r7: number of accounts; r8, r9: the info and the meta that are written; r5: which account.
  program.load(r7, r1, 0).move(r6, r1).add(r6, 8);
  program.setLong(r9, HEAP).move(r8, r9).add(r8, INFOS_OFFSET).set(r5, 0);
  program.label('account').jumpIfEqual(r5, r7, 'call');
  program.load(r0, r6, 0, 1).jumpUnless(r0, NO_DUPLICATE, 'duplicate');
  readAccount(program);
  program.jump('next');
  program.label('duplicate');
  copyAccount(program);
  program.label('next').add(r8, INFO_BYTES).add(r9, META_BYTES).add(r5, 1).jump('account');
  program.label('call');
  if (gated) leaveUnlessOpen(program);
  passOn(program, gated ? 2 : 1);
  return elfOf(program.assemble());
}

/** Layout: 0xff, signer, writable, executable, 4 bytes, key, owner, lamports, data length, data, room to grow, rent epoch. */
function readAccount(program: SbpfAssembler): void {
  program.move(r2, r6).add(r2, 8).store(r8, 0, r2).store(r9, 0, r2);
  program.move(r2, r6).add(r2, 40).store(r8, 32, r2);
  program.move(r2, r6).add(r2, 72).store(r8, 8, r2);
  program.load(r3, r6, 80).store(r8, 16, r3);
  program.move(r2, r6).add(r2, 88).store(r8, 24, r2);
  program.load(r0, r6, 1, 1).store(r8, 48, r0, 1).store(r9, 9, r0, 1);
  program.load(r0, r6, 2, 1).store(r8, 49, r0, 1).store(r9, 8, r0, 1);
  program.load(r0, r6, 3, 1).store(r8, 50, r0, 1);
  program
    .move(r6, r2)
    .addRegister(r6, r3)
    .add(r6, GROWTH_BYTES + 7)
    .and(r6, -8);
  program.load(r0, r6, 0).store(r8, 40, r0).add(r6, 8);
}

/** An account that stood there before: only its position is given, and 7 bytes. */
function copyAccount(program: SbpfAssembler): void {
  program.move(r2, r0).multiply(r2, INFO_BYTES).setLong(r3, HEAP).add(r3, INFOS_OFFSET).addRegister(r2, r3);
  for (let at = 0; at < INFO_BYTES; at += 8) program.load(r4, r2, at).store(r8, at, r4);
  program.move(r2, r0).multiply(r2, META_BYTES).setLong(r3, HEAP).addRegister(r2, r3);
  for (let at = 0; at < META_BYTES; at += 8) program.load(r4, r2, at).store(r9, at, r4);
  program.add(r6, 8);
}

/** The second account's data length. */
function leaveUnlessOpen(program: SbpfAssembler): void {
  program
    .setLong(r3, HEAP)
    .add(r3, INFOS_OFFSET + INFO_BYTES)
    .load(r2, r3, 16)
    .jumpUnless(r2, 0, 'open');
  program.set(r0, 0).exit().label('open');
}

/** r6 is at the data: its length, then itself. `own`: accounts that are not passed on. */
function passOn(program: SbpfAssembler, own: number): void {
  program.load(r3, r6, 0).move(r2, r6).add(r2, 8);
  program.setLong(r9, HEAP).move(r8, r9).add(r8, INFOS_OFFSET);
  program.move(r1, r9).add(r1, INSTRUCTION_OFFSET);
  program.load(r4, r8, 0).store(r1, 0, r4);
  program
    .move(r4, r9)
    .add(r4, META_BYTES * own)
    .store(r1, 8, r4);
  program.move(r4, r7).add(r4, -own).store(r1, 16, r4);
  program.store(r1, 24, r2).store(r1, 32, r3);
  program.move(r2, r8).move(r3, r7).set(r4, 0).set(r5, 0);
  program.syscall('sol_invoke_signed_c').exit();
}
